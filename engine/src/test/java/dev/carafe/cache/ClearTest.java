package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions;
import dev.carafe.base.Soak;
import dev.carafe.base.Structures;
import dev.carafe.tier.Entry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code invalidateAll()} ends all values at once and releases their chunks later. No value comes
 * back, whatever happens meanwhile (contract R4).
 */
class ClearTest {
  private static final int VALUE_BYTES = 100;
  private static final int MEMORY_BYTES = 2 << 20;
  private static final int KEYS = 9_000; // more than one batch of released entries

  @TempDir private Path directory;

  private CarafeBuilder<Long, byte[]> builder(boolean withFile) {
    CarafeBuilder<Long, byte[]> builder = Caches.builder(MEMORY_BYTES);
    return withFile
        ? builder.file(FileOptions.at(directory.resolve("c.carafe"), 16 << 20))
        : builder;
  }

  private static void putAll(Carafe<Long, byte[]> cache, long version) {
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, Caches.value(key, version, VALUE_BYTES));
    }
  }

  /** An executor that never runs a task: the chunks are released by the threads that need them. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theMemoryOfClearedValuesIsUsedAgainWithoutAnExecutor(boolean withFile) {
    try (Carafe<Long, byte[]> cache = builder(withFile).executor(task -> {}).build()) {
      for (int round = 0; round < 6; round++) {
        putAll(cache, round);
        cache.invalidateAll();
        assertEquals(0, cache.estimatedSize());
        assertNull(cache.getIfPresent(1L));
        assertTrue(cache.asMap().isEmpty());
      }
      putAll(cache, 6);
      int found = 0;
      for (long key = 0; key < KEYS; key++) {
        byte[] value = cache.getIfPresent(key);
        if (value != null) {
          assertArrayEquals(Caches.value(key, 6, VALUE_BYTES), value);
          found++;
        }
      }
      assertTrue(found > KEYS / 2, () -> cache.tierStats().toString());
      Structures.checkOpen();
      Caches.checkCounters(cache);
    }
  }

  @Test
  void clearedValuesAreNotSavedAndDoNotReturnAfterAReopening() {
    CarafeBuilder<Long, byte[]> builder =
        builder(true).persistWithin(Duration.ofMillis(50)).executor(task -> {});
    try (Carafe<Long, byte[]> cache = builder.build()) {
      putAll(cache, 0);
      cache.invalidateAll(); // most values are dirty
      cache.put(5L, Caches.value(5, 1, VALUE_BYTES));
      cache.flush();
      long stored = cache.tierStats().file().stored();
      cache.flush();
      assertEquals(stored, cache.tierStats().file().stored());
      assertEquals(1, cache.tierStats().file().records());
    }
    try (Carafe<Long, byte[]> cache = builder(true).build()) {
      assertEquals(1, cache.asMap().size());
      assertArrayEquals(Caches.value(5, 1, VALUE_BYTES), cache.getIfPresent(5L));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void expiredAndLeasedValuesAreReleased(boolean withFile) {
    AtomicLong time = new AtomicLong();
    try (Carafe<Long, byte[]> cache =
        builder(withFile)
            .expireAfterWrite(Duration.ofSeconds(10))
            .ticker(time::get)
            .executor(task -> {})
            .build()) {
      putAll(cache, 0);
      time.addAndGet(Duration.ofSeconds(9).toNanos());
      putAll(cache, 1);
      try (var lease = Objects.requireNonNull(cache.lease(3L))) {
        time.addAndGet(Duration.ofSeconds(5).toNanos());
        cache.invalidateAll();
        assertEquals(VALUE_BYTES, lease.segment().byteSize());
        assertNull(cache.getIfPresent(3L));
        time.addAndGet(Duration.ofSeconds(20).toNanos());
        putAll(cache, 2);
      }
      cache.invalidateAll();
      cache.cleanUp();
      assertEquals(0, cache.tierStats().memory().entries());
      Structures.checkOpen();
      Caches.checkCounters(cache);
    }
  }

  @Test
  void listenersGetEachClearedValueOnce() {
    Map<Long, RemovalCause> causes = new ConcurrentHashMap<>();
    AtomicLong calls = new AtomicLong();
    try (Carafe<Long, byte[]> cache =
        builder(true)
            .executor(Runnable::run)
            .removalListener((key, value, cause) -> {
              calls.incrementAndGet();
              causes.put(key, cause);
            })
            .build()) {
      putAll(cache, 0);
      calls.set(0);
      cache.invalidateAll();
      assertEquals(KEYS, calls.get());
      assertEquals(KEYS, causes.size());
      assertTrue(causes.values().stream().allMatch(cause -> cause == RemovalCause.EXPLICIT));
      putAll(cache, 1);
      assertEquals(KEYS, calls.get());
    }
  }

  /** An eviction that ends after a clear moves an entry of the old index to the spill. */
  @Test
  void anEvictionUnderWayDoesNotReturnAClearedValue() {
    try (Carafe<Long, byte[]> cache = builder(true).executor(task -> {}).build()) {
      putAll(cache, 0);
      Tiers<Long> tiers = ((CarafeCache<Long, byte[]>) cache).context.tiers();
      List<Entry> before = new ArrayList<>(tiers.index.entries());
      cache.invalidateAll();
      Entry evicted =
          before.stream().filter(entry -> !entry.isReleased()).findFirst().orElseThrow();
      Long key = Objects.requireNonNull(tiers.cache.lookup().keyOf(evicted));
      tiers.storage.spill.add(evicted);
      assertNull(cache.getIfPresent(key));
      tiers.demotion.cleared().releaseAll();
      assertTrue(evicted.isReleased());
      cache.invalidateAll(); // begins a generation of the parity of the first
      assertNull(cache.getIfPresent(key));
      Structures.checkOpen();
    }
  }

  /** A read that begins after a clear returns no value whose put ended before the clear began. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noReadReturnsAValueFromBeforeAClear(boolean withFile) {
    Soak.seeded(random -> {
      try (Carafe<Long, byte[]> cache = builder(withFile).build()) {
        new Race(cache).run(random.split());
        cache.cleanUp();
        Structures.checkOpen();
        Caches.checkCounters(cache);
      }
    });
  }

  /** Threads that put, read, compute and clear. Each value holds the number of its put. */
  private static final class Race {
    private static final int PUTS = Soak.times(150_000, 20_000_000);
    private static final long UNDER_WAY = Long.MAX_VALUE;

    private final Carafe<Long, byte[]> cache;
    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong puts = new AtomicLong();
    private final AtomicLongArray ends = new AtomicLongArray(PUTS + 64);
    private final AtomicLong lastClear = new AtomicLong(); // the begin of the last that has ended
    private final AtomicBoolean done = new AtomicBoolean();

    Race(Carafe<Long, byte[]> cache) {
      this.cache = cache;
    }

    void run(SplittableRandom random) throws Exception {
      try (ExecutorService threads = Executors.newCachedThreadPool()) {
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          SplittableRandom own = random.split();
          writers.add(threads.submit(() -> write(own)));
        }
        List<Future<?>> others = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          SplittableRandom own = random.split();
          others.add(threads.submit(() -> read(own)));
        }
        SplittableRandom own = random.split();
        others.add(threads.submit(() -> clear(own)));
        try {
          for (Future<?> writer : writers) {
            writer.get();
          }
        } finally {
          done.set(true);
        }
        for (Future<?> other : others) {
          other.get();
        }
      }
    }

    private void write(SplittableRandom random) {
      for (int put = (int) puts.getAndIncrement();
          put < PUTS && !done.get();
          put = (int) puts.getAndIncrement()) {
        long key = random.nextInt(KEYS);
        ends.set(put, UNDER_WAY);
        byte[] value = ByteBuffer.allocate(VALUE_BYTES).putInt(put).array();
        switch (random.nextInt(4)) {
          case 0 -> {
            long before = lastClear.get();
            var _ =
                cache
                    .asMap()
                    .compute(
                        key,
                        (k, old) -> {
                          check(old, before);
                          return value;
                        });
          }
          case 1 -> {
            var _ = cache.get(key, k -> value);
          }
          default -> cache.put(key, value);
        }
        ends.set(put, clock.incrementAndGet());
      }
    }

    private void read(SplittableRandom random) {
      while (!done.get()) {
        long key = random.nextInt(KEYS);
        long before = lastClear.get();
        switch (random.nextInt(8)) {
          case 0 -> check(cache.getAllPresent(List.of(key)).get(key), before);
          case 1 -> cache.asMap().values().stream().limit(50).forEach(v -> check(v, before));
          case 2 -> flushAtTimes(random);
          case 3 -> cache.invalidate(key);
          default -> check(cache.getIfPresent(key), before);
        }
      }
    }

    /** Lists the entries, and writes them while they are cleared. */
    private void flushAtTimes(SplittableRandom random) {
      if (random.nextInt(2_000) == 0) {
        cache.flush();
      }
    }

    private void check(byte @Nullable [] value, long clearBegin) {
      if (value != null) {
        long end = ends.get(ByteBuffer.wrap(value).getInt());
        assertTrue(
            end > clearBegin, () -> "a put ended at " + end + ", a clear began " + clearBegin);
      }
    }

    private void clear(SplittableRandom random) {
      while (!done.get()) {
        long begin = clock.incrementAndGet();
        cache.invalidateAll();
        lastClear.set(begin);
        if (random.nextInt(3) != 0) { // else two clears in a row
          long next = puts.get() + random.nextInt(8_000);
          while (puts.get() < next && !done.get()) {
            Thread.onSpinWait();
          }
        }
      }
    }
  }
}
