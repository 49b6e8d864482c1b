package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.TierStats;
import dev.carafe.log.Geometry;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scrubbing reads the whole file, and drops the records that do not verify, before a read does. */
@Timeout(60)
final class ScrubTest {
  private static final int KEYS = 1000;
  private static final int VALUE_BYTES = 2000;
  private static final long CAPACITY = 6 << 20;
  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final long DAMAGED = 300;

  @TempDir Path directory;

  private Carafe<Long, byte[]> open(Io io, Duration period) {
    FileOptions options =
        FileOptions.at(path(), CAPACITY)
            .withIo(io)
            .withCompression(Compression.NONE)
            .withScrubPeriod(period);
    return Caches.builder(1 << 20).file(options).build();
  }

  private Path path() {
    return directory.resolve("cache.carafe");
  }

  private static byte[] value(long key) {
    byte[] value = new byte[VALUE_BYTES];
    new SplittableRandom(key).nextBytes(value);
    return value;
  }

  private static void fill(Carafe<Long, byte[]> cache) {
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, value(key));
    }
    cache.flush();
  }

  private void fillAndClose() {
    try (Carafe<Long, byte[]> cache = open(Io.CHANNEL, Duration.ZERO)) {
      fill(cache);
    }
  }

  private static TierStats.FileTier file(Carafe<?, ?> cache) {
    return cache.tierStats().file();
  }

  private static void await(Carafe<?, ?> cache, Predicate<TierStats.FileTier> condition) {
    while (!condition.test(file(cache))) { // the timeout of the test bounds it
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  /** Changes a byte of a value in the file. Returns its offset. */
  private long damage(long key) throws Exception {
    byte[] content = Files.readAllBytes(path());
    ByteBuffer wanted = ByteBuffer.wrap(value(key), 0, 16);
    int at = 0;
    while (!ByteBuffer.wrap(content, at, 16).equals(wanted)) {
      at++;
    }
    invert(content, at);
    return at;
  }

  private void invert(byte[] content, int at) throws Exception {
    try (FileChannel channel = FileChannel.open(path(), StandardOpenOption.WRITE)) {
      assertEquals(1, channel.write(ByteBuffer.wrap(new byte[] {(byte) ~content[at]}), at));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "URING", "CHANNEL"})
  void damageIsFoundWithoutARead(Io io) throws Exception {
    fillAndClose();
    try (Carafe<Long, byte[]> cache = open(UsableDevices.orAuto(io), PERIOD)) {
      damage(DAMAGED);
      await(cache, stats -> stats.damaged() == 1);
      assertEquals(KEYS - 1, file(cache).records());
      assertNull(cache.getIfPresent(DAMAGED));
      checkOthers(cache);
      assertEquals(1, file(cache).damaged());
    }
    try (Carafe<Long, byte[]> again = open(Io.CHANNEL, Duration.ZERO)) {
      assertNull(again.getIfPresent(DAMAGED));
      checkOthers(again);
    }
  }

  private static void checkOthers(Carafe<Long, byte[]> cache) {
    for (long key = 0; key < KEYS; key++) {
      if (key != DAMAGED) {
        assertArrayEquals(value(key), cache.getIfPresent(key), "key " + key);
      }
    }
  }

  /** Then the index says which records the extent has. */
  @Test
  void anExtentWithoutADirectoryKeepsItsOtherRecords() throws Exception {
    fillAndClose();
    Geometry geometry = Geometry.of(CAPACITY);
    try (Carafe<Long, byte[]> cache = open(Io.CHANNEL, PERIOD)) {
      long slot = (damage(DAMAGED) - geometry.extentOffset(0)) / geometry.extentBytes();
      invert(Files.readAllBytes(path()), (int) geometry.extentOffset((int) slot + 1) - 1);
      await(cache, stats -> stats.damaged() == 1);
      assertNull(cache.getIfPresent(DAMAGED));
      checkOthers(cache);
    }
  }

  @Test
  void recordsBeyondTheEndOfATruncatedFileAreDropped() throws Exception {
    fillAndClose();
    Geometry geometry = Geometry.of(CAPACITY);
    try (Carafe<Long, byte[]> cache = open(Io.CHANNEL, PERIOD)) {
      try (FileChannel channel = FileChannel.open(path(), StandardOpenOption.WRITE)) {
        channel.truncate(geometry.extentOffset(2)); // the first extent is at slot 1
      }
      long enough = file(cache).bytesScrubbed() + 2 * CAPACITY;
      await(cache, stats -> stats.bytesScrubbed() > enough);
      long damaged = file(cache).damaged();
      long missing = 0;
      for (long key = 0; key < KEYS; key++) {
        byte[] seen = cache.getIfPresent(key);
        missing += seen == null ? 1 : 0;
        assertTrue(seen == null || Arrays.equals(value(key), seen), "key " + key);
      }
      assertEquals(damaged, missing);
      assertTrue(missing > KEYS / 2 && missing < KEYS, missing + " are missing");
    }
  }

  /** A flush or an eviction writes a value again whose record was dropped. */
  @Test
  void aValueInMemoryIsKept() throws Exception {
    fillAndClose();
    try (Carafe<Long, byte[]> cache = open(Io.CHANNEL, PERIOD)) {
      assertArrayEquals(value(DAMAGED), cache.getIfPresent(DAMAGED));
      damage(DAMAGED);
      await(cache, stats -> stats.damaged() == 1);
      assertArrayEquals(value(DAMAGED), cache.getIfPresent(DAMAGED));
      assertEquals(KEYS - 1, file(cache).records());
      cache.flush();
      assertEquals(KEYS, file(cache).records());
    }
    try (Carafe<Long, byte[]> again = open(Io.CHANNEL, Duration.ZERO)) {
      assertArrayEquals(value(DAMAGED), again.getIfPresent(DAMAGED));
    }
  }

  /** Each extent is read once in a period, not more often and not in one go. */
  @Test
  void aPassReadsEachExtentOnce() {
    Duration period = Duration.ofMillis(600);
    Geometry geometry = Geometry.of(CAPACITY);
    try (Carafe<Long, byte[]> cache = open(Io.CHANNEL, period)) {
      fill(cache);
      long begin = System.nanoTime();
      long before = file(cache).bytesScrubbed();
      await(cache, stats -> stats.bytesScrubbed() - before >= 5 * geometry.extentBytes());
      long nanos = System.nanoTime() - begin;
      long extents = (file(cache).bytesScrubbed() - before) / geometry.extentBytes();
      long allowed = nanos * geometry.extentCount() / period.toNanos() + 2;
      assertTrue(extents <= allowed, extents + " extents in " + nanos + " ns");
    }
  }

  @Test
  void nothingIsReadWithoutAPeriod() {
    try (Carafe<Long, byte[]> cache = open(Io.CHANNEL, Duration.ZERO)) {
      fill(cache);
      cache.cleanUp();
      assertEquals(0, file(cache).bytesScrubbed());
    }
  }
}
