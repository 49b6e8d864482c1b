package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Overload;
import dev.carafe.Lease;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.base.Together;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random configurations, sizes, operations, threads and reopenings. Each value belongs to its key,
 * and its version was begun by its writer and is not older than the last version that the writer
 * completed before the read. Structures and counters are checked at the end of each run.
 */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SoakTest {
  private static final int THREADS = 4;
  private static final int KEYS = 300;
  private static final int[] SIZES = {0, 1, 60, 500, 4000, 20_000, 90_000};

  @TempDir Path directory;

  private final AtomicLong[] finished = new AtomicLong[KEYS];
  private final AtomicLong operations = new AtomicLong();

  @Test
  void randomOperations() {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Soak.times(5, 600));
    Soak.seeded(random -> {
      Arrays.setAll(finished, key -> new AtomicLong());
      while (System.nanoTime() < until) {
        FileOptions options = options(random);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300 + random.nextInt(1500));
        life(options, random, Math.min(end, until));
      }
    });
    Record.add("operations of the soak", operations.get());
  }

  private FileOptions options(SplittableRandom random) {
    Io[] all = {Io.AUTO, Io.URING, Io.CHANNEL};
    return FileOptions.at(directory.resolve("cache.carafe"), 8 * MIB)
        .withIo(UsableDevices.orAuto(all[random.nextInt(3)]))
        .withCompression(random.nextBoolean() ? Compression.LZ4 : Compression.NONE)
        .withOverload(random.nextInt(4) == 0 ? Overload.DROP : Overload.WAIT);
  }

  private void life(FileOptions options, SplittableRandom random, long until) {
    long memory = (1 + random.nextInt(4)) * MIB / 2;
    try (Carafe<Long, byte[]> cache = Caches.builder(memory).file(options).build()) {
      SplittableRandom[] own = new SplittableRandom[THREADS];
      Arrays.setAll(own, me -> random.split());
      Together.platform(
          THREADS,
          me -> {
            while (System.nanoTime() < until) {
              step(cache, own[me], me);
              operations.incrementAndGet();
            }
          });
      check(cache);
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
    Caches.checkCounters(cache);
  }
}
