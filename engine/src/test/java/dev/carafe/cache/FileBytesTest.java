package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.TierStats.FileTier;
import dev.carafe.log.format.RecordLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The byte counts of the file tier in {@code tierStats()}. */
final class FileBytesTest {
  private static final int KEYS = 100;
  private static final int VALUE_BYTES = 1000;
  private static final long RECORD_BYTES = RecordLayout.recordBytes(Long.BYTES, VALUE_BYTES);

  @TempDir Path directory;

  private Carafe<Long, byte[]> open(long memoryBytes, long fileBytes) {
    FileOptions file =
        FileOptions.at(directory.resolve("c"), fileBytes)
            .withCompression(Compression.NONE)
            .withIo(Io.CHANNEL);
    return Caches.builder(memoryBytes).file(file).persistWithin(Duration.ofDays(1)).build();
  }

  private static void put(Carafe<Long, byte[]> cache, long version) {
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, value(key, version, VALUE_BYTES));
    }
    cache.flush();
  }

  @Test
  void appendedAndLiveBytesMatchTheRecords() {
    long live;
    try (Carafe<Long, byte[]> cache = open(MIB, 8 * MIB)) {
      assertEquals(0, cache.tierStats().file().liveBytes());
      put(cache, 0);
      FileTier once = cache.tierStats().file();
      assertEquals(KEYS * RECORD_BYTES, once.bytesAppended());
      assertTrue(once.bytesWritten() >= once.bytesAppended(), once::toString);
      assertTrue(once.liveBytes() >= KEYS * RECORD_BYTES, once::toString);
      assertEquals(8 * MIB, once.capacityBytes());
      put(cache, 1);
      FileTier twice = cache.tierStats().file();
      assertEquals(2 * KEYS * RECORD_BYTES, twice.bytesAppended());
      assertEquals(once.liveBytes(), twice.liveBytes());
      for (long key = 0; key < KEYS / 2; key++) {
        cache.invalidate(key);
      }
      cache.flush();
      live = cache.tierStats().file().liveBytes();
      assertEquals(once.liveBytes() / 2, live);
    }
    try (Carafe<Long, byte[]> cache = open(MIB, 16 * MIB)) {
      assertEquals(live, cache.tierStats().file().liveBytes());
      assertEquals(0, cache.tierStats().file().bytesAppended());
      assertEquals(16 * MIB, cache.tierStats().file().capacityBytes());
      cache.invalidateAll();
      assertEquals(0, cache.tierStats().file().liveBytes());
    }
  }

  @Test
  void reinsertedBytesAreNotAppendedBytes() {
    SplittableRandom random = new SplittableRandom(1);
    try (Carafe<Long, byte[]> cache = open(64 * 1024, MIB)) {
      long puts = 0;
      while (cache.tierStats().file().reinserted() < KEYS) {
        assertTrue(puts < 100_000, () -> cache.tierStats().toString());
        for (int i = 0; i < 100; i++) {
          long key = random.nextInt(500); // half of what the file holds
          cache.put(key, value(key, puts++, VALUE_BYTES));
        }
        cache.flush();
      }
      FileTier file = cache.tierStats().file();
      assertTrue(file.bytesAppended() <= puts * RECORD_BYTES, file::toString);
      assertTrue(
          file.bytesWritten() >= file.bytesAppended() + file.reinserted() * RECORD_BYTES,
          file::toString);
      assertTrue(file.liveBytes() <= file.capacityBytes(), file::toString);
    }
  }
}
