package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Overload;
import dev.carafe.FileOptions.Persist;
import dev.carafe.Lease;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.base.Together;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random configurations, sizes, operations, threads and reopenings; memory and file of a store are
 * doubled and halved meanwhile. Each value belongs to its key, and its version was begun by its
 * writer and is not older than the last version that the writer completed before the read.
 * Structures and counters are checked at the end of each run.
 */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SoakTest {
  private static final int THREADS = 4;
  private static final int KEYS = 300;
  private static final long MEMORY_BYTES = MIB;
  private static final long FILE_BYTES = 8 * MIB;
  private static final List<Set<Persist>> PERSIST =
      List.of(
          EnumSet.of(Persist.MISSES, Persist.EVICTIONS),
          EnumSet.of(Persist.ADMITTED_EVICTIONS),
          EnumSet.of(Persist.MISSES, Persist.ADMITTED_EVICTIONS));
  private static final Duration SCRUB_PERIOD = Duration.ofMillis(50);
  private static final int[] SIZES = {0, 1, 60, 500, 4000, 20_000, 90_000};

  @TempDir Path directory;

  private final AtomicLong[] finished = new AtomicLong[KEYS];
  private final AtomicLong operations = new AtomicLong();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void randomOperations(boolean resized) {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Soak.times(3, 300));
    Soak.seeded(random -> {
      Arrays.setAll(finished, key -> new AtomicLong());
      while (System.nanoTime() < until) {
        FileOptions options = options(random);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300 + random.nextInt(1500));
        if (resized) {
          lifeOfStore(options, random, Math.min(end, until));
        } else {
          life(options, random, Math.min(end, until));
        }
      }
    });
    Record.add("operations of the soak", operations.get());
  }

  private FileOptions options(SplittableRandom random) {
    Io[] all = {Io.AUTO, Io.URING, Io.CHANNEL};
    return FileOptions.at(directory.resolve("cache.carafe"), FILE_BYTES)
        .withIo(UsableDevices.orAuto(all[random.nextInt(3)]))
        .withCompression(random.nextBoolean() ? Compression.LZ4 : Compression.NONE)
        .withOverload(random.nextInt(4) == 0 ? Overload.DROP : Overload.WAIT)
        .withPersist(PERSIST.get(random.nextInt(PERSIST.size())))
        .withScrubPeriod(random.nextBoolean() ? SCRUB_PERIOD : Duration.ZERO);
  }

  private void life(FileOptions options, SplittableRandom random, long until) {
    long memory = (1 + random.nextInt(4)) * MIB / 2;
    try (Carafe<Long, byte[]> cache = Caches.builder(memory).file(options).build()) {
      SplittableRandom[] own = new SplittableRandom[THREADS];
      Arrays.setAll(own, me -> random.split());
      Together.platform(THREADS, me -> steps(cache, own[me], me, until));
      check(cache);
      Caches.checkCounters(cache);
    }
  }

  private void lifeOfStore(FileOptions options, SplittableRandom random, long until) {
    SplittableRandom[] own = new SplittableRandom[THREADS + 1];
    Arrays.setAll(own, me -> random.split());
    CarafeStore.Builder builder = CarafeStore.newBuilder().memory(MEMORY_BYTES).file(options);
    try (CarafeStore store = builder.build()) {
      Carafe<Long, byte[]> cache = Stores.numbers(store, "soak");
      Together.platform(
          THREADS + 1,
          me -> {
            if (me < THREADS) {
              steps(cache, own[me], me, until);
            } else {
              doubleAndHalve(store, own[me], until);
            }
          });
      check(cache);
      Caches.checkCounters(store.tierStats());
    }
  }

  private void steps(Carafe<Long, byte[]> cache, SplittableRandom random, int me, long until)
      throws Exception {
    while (System.nanoTime() < until) {
      step(cache, random, me);
      operations.incrementAndGet();
    }
  }

  /** Changes memory and file between half and twice their sizes while the cache serves. */
  private static void doubleAndHalve(CarafeStore store, SplittableRandom random, long until) {
    while (System.nanoTime() < until) {
      store.resize(MEMORY_BYTES << random.nextInt(3) >> 1, FILE_BYTES << random.nextInt(3) >> 1);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(50)));
    }
  }

  private static byte[] bytes(long key, long version) {
    return value(key, version, Long.BYTES + SIZES[(int) ((key + version) % SIZES.length)]);
  }

  /** A thread changes its own keys and reads those of others. */
  private void step(Carafe<Long, byte[]> cache, SplittableRandom random, int me) throws Exception {
    long key = random.nextLong(KEYS);
    boolean mine = key % THREADS == me;
    switch (random.nextInt(mine ? 14 : 6)) {
      case 0, 1, 2 -> see(key, finished[(int) key].get(), cache.getIfPresent(key));
      case 3 -> {
        long before = finished[(int) key].get();
        try (Lease lease = cache.lease(key)) {
          see(key, before, lease == null ? null : lease.segment().toArray(ValueLayout.JAVA_BYTE));
        }
      }
      case 4 ->
          see(
              key,
              finished[(int) key].get(),
              cache.read(key, b -> b.toArray(ValueLayout.JAVA_BYTE)));
      case 5 -> {
        if (random.nextInt(300) == 0) {
          cache.flush();
        }
      }
      case 6, 7, 8, 9 -> change(key, version -> cache.put(key, numbered(key, version)));
      case 10 -> change(key, version -> cache.invalidate(key));
      case 11 -> {
        cache.invalidate(key);
        change(key, version -> see(key, version, cache.get(key, k -> numbered(k, version))));
      }
      case 12 -> change(key, version -> cache.asMap().compute(key, (k, v) -> numbered(k, version)));
      default ->
          change(
              key,
              version -> {
                byte[] bytes = numbered(key, version);
                cache.put(
                    key,
                    bytes.length,
                    target -> target.copyFrom(java.lang.foreign.MemorySegment.ofArray(bytes)));
              });
    }
  }

  private interface Change {
    void to(long version) throws Exception;
  }

  private void change(long key, Change change) throws Exception {
    long version = finished[(int) key].get() + 1;
    change.to(version);
    finished[(int) key].set(version);
  }

  /** Returns the version followed by bytes that are unique for it. */
  private static byte[] numbered(long key, long version) {
    byte[] bytes = bytes(key, version);
    java.lang.foreign.MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, version);
    return bytes;
  }

  private void see(long key, long oldest, byte @org.jspecify.annotations.Nullable [] value) {
    if (value != null) {
      long version =
          java.lang.foreign.MemorySegment.ofArray(value).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
      long begun = finished[(int) key].get() + 1;
      assertTrue(
          version >= oldest && version <= begun,
          () -> "key " + key + " is version " + version + ", not " + oldest + " to " + begun);
      assertTrue(Arrays.equals(numbered(key, version), value), () -> "wrong bytes of key " + key);
    }
  }

  private static void check(Carafe<Long, byte[]> cache) {
    cache.cleanUp();
    CacheContext<?, ?> context = ((CarafeCache<?, ?>) cache).context;
    context.checkInvariants();
    if (context.tiers().storage.file != null) {
      context.tiers().storage.file.checkInvariants();
    }
  }
}
