package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.spi.KeyBytes;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CompletionListenerFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Keys are equal if their bytes are (R7), whatever their {@code equals} and {@code hashCode} do:
 * locks and loads under way go by the bytes, too (R4, S2, F5).
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KeysByBytesTest {
  private static volatile boolean hashCodeThrows;

  private final CacheManager manager =
      Caching.getCachingProvider(CarafeCachingProvider.class.getName()).getCacheManager();

  @AfterEach
  void close() {
    hashCodeThrows = false;
    manager.getCachingProvider().close();
  }

  /** Two of one name are equal by their bytes alone. */
  @SuppressWarnings("serial")
  private static final class Named implements Serializable {
    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    public int hashCode() {
      if (hashCodeThrows) {
        throw new IllegalStateException("hashCode");
      }
      return System.identityHashCode(this);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }
  }

  /** Counts loads, and waits in each if it is told to. */
  private static final class Loader implements CacheLoader<Named, String> {
    final AtomicInteger loads = new AtomicInteger();
    final CountDownLatch loading = new CountDownLatch(1);
    final CountDownLatch finish = new CountDownLatch(1);
    volatile boolean waits;
    volatile boolean bringsMore;

    @Override
    public String load(Named key) {
      loads.incrementAndGet();
      loading.countDown();
      try {
        if (waits) {
          finish.await();
        }
      } catch (InterruptedException e) {
        throw new CacheLoaderException(e);
      }
      return "loaded " + key.name;
    }

    @Override
    public Map<Named, String> loadAll(Iterable<? extends Named> keys) {
      Map<Named, String> all = new HashMap<>();
      for (Named key : keys) {
        all.put(new Named(key.name), load(key));
      }
      if (bringsMore) {
        all.put(new Named("more"), "not asked for");
      }
      return all;
    }
  }

  private Cache<Named, String> cache(Loader loader) {
    return manager.createCache(
        "named",
        new MutableConfiguration<Named, String>()
            .setTypes(Named.class, String.class)
            .setReadThrough(true)
            .setCacheLoaderFactory(() -> loader));
  }

  private static Named key(String name) {
    return new Named(name);
  }

  @Test
  void aRemovalByAnotherObjectSupersedesTheLoad() throws Exception {
    Loader loader = new Loader();
    loader.waits = true;
    Cache<Named, String> cache = cache(loader);
    FutureTask<String> reader = new FutureTask<>(() -> cache.get(key("k")));
    Thread.ofPlatform().daemon().start(reader);
    loader.loading.await();
    cache.remove(key("k"));
    loader.finish.countDown();
    assertEquals("loaded k", reader.get());
    assertTrue(!cache.containsKey(key("k")));
  }

  @Test
  void oneOfManyObjectsOfAKeyIsPutIfAbsent() throws Exception {
    Cache<Named, String> cache = cache(new Loader());
    for (int round = 0; round < 200; round++) {
      String name = "k" + round;
      AtomicInteger put = new AtomicInteger();
      CountDownLatch start = new CountDownLatch(1);
      List<FutureTask<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String value = "v" + i;
        FutureTask<Boolean> one =
            new FutureTask<>(() -> {
              start.await();
              return cache.putIfAbsent(key(name), value) && put.incrementAndGet() > 0;
            });
        all.add(one);
        Thread.ofVirtual().start(one);
      }
      start.countDown();
      for (FutureTask<Boolean> one : all) {
        var _ = one.get();
      }
      assertEquals(1, put.get(), name);
    }
  }

  @Test
  void aBulkReadLoadsOnlyWhatIsMissing() {
    Loader loader = new Loader();
    Cache<Named, String> cache = cache(loader);
    cache.put(key("a"), "put");
    Named again = key("b");
    Map<Named, String> all = cache.getAll(Set.of(key("a"), key("b"), again));
    assertEquals(Set.of("put", "loaded b"), new HashSet<>(all.values()));
    assertEquals(1, loader.loads.get());
    assertEquals("put", cache.get(key("a")));
    assertEquals("loaded b", cache.get(key("b")));
    assertEquals(1, loader.loads.get());
  }

  @Test
  void whatALoaderBringsUnaskedIsNotKept() throws Exception { // no mark tells of its removal
    Loader loader = new Loader();
    loader.bringsMore = true;
    Cache<Named, String> cache = cache(loader);
    CompletionListenerFuture done = new CompletionListenerFuture();
    cache.loadAll(Set.of(key("a")), true, done);
    done.get();
    assertEquals("loaded a", cache.get(key("a")));
    assertTrue(!cache.containsKey(key("more")));
    assertNull(cache.getAndRemove(key("more")));
  }

  @Test
  void aHashCodeThatThrowsLeavesNoLoadUnderWay() throws Exception { // F5
    Loader loader = new Loader();
    Cache<Named, String> cache = cache(loader);
    Set<Named> keys = new HashSet<>(List.of(key("a"), key("b")));
    hashCodeThrows = true;
    assertThrows(IllegalStateException.class, () -> cache.getAll(keys));
    CompletionListenerFuture done = new CompletionListenerFuture();
    cache.loadAll(keys, true, done);
    assertThrows(ExecutionException.class, done::get);
    assertEquals("loaded a", cache.get(key("a"))); // as it would wait for a load that never ends
    cache.put(key("b"), "put");
    assertEquals("put", cache.getAndRemove(key("b")));
    hashCodeThrows = false;
    assertEquals(2, cache.getAll(keys).size());
  }

  @Test
  void locksOfChosenKeysAreManyInNumber() { // S2
    Set<Integer> locks = new HashSet<>();
    for (int i = 0; i < 1 << 12; i++) {
      StringBuilder name = new StringBuilder();
      for (int bit = 0; bit < 12; bit++) {
        name.append((i >> bit & 1) == 0 ? "Aa" : "BB"); // of one hashCode
      }
      assertEquals("AaAaAaAaAaAaAaAaAaAaAaAa".hashCode(), name.toString().hashCode());
      locks.add(new KeyBytes(name.toString().getBytes(StandardCharsets.UTF_8)).hashCode() & 255);
    }
    assertTrue(locks.size() > 250, () -> locks.size() + " of 256 locks");
  }

  @Test
  void keysInStepsHaveAlmostAllLocks() {
    long seed = System.nanoTime();
    Random secrets = new Random(seed);
    for (int cache = 0; cache < 40; cache++) {
      long secret = secrets.nextLong();
      long multiplier = secrets.nextLong() | 1;
      for (int shift = 0; shift < 52; shift++) {
        BitSet locks = new BitSet();
        for (long i = 0; i < 1 << 12; i++) {
          byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(i << shift).array();
          locks.set(KeyBytes.hash(key, secret, multiplier) & 255);
        }
        int used = locks.cardinality();
        String steps = "steps of 2^" + shift + ", seed " + seed;
        assertTrue(used >= 244, () -> used + " of 256 locks, " + steps); // 95 %
      }
    }
  }
}
