package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import dev.carafe.base.Record;
import dev.carafe.device.LoopDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Disk faults: a full disk, a truncated or deleted file, a read-only file system. Reads and puts
 * continue, no value is stale, {@code health()} reports the fault, and the file works after the
 * fault (contract F1). Some tests need root and a loop device.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DiskFaultsTest {
  private static final int VALUE_BYTES = 6000;
  private static final long KEYS = 1500;

  @TempDir Path directory;
  private final Map<Long, Integer> newest = new HashMap<>();
  private int version;

  private static FileOptions options(Path file, Io io) {
    return FileOptions.at(file, 16 * MIB).withIo(io).withCompression(Compression.NONE);
  }

  private static Carafe<Long, byte[]> open(FileOptions options) {
    return Caches.builder(MIB).file(options).build();
  }

  private void put(Carafe<Long, byte[]> cache, long key) {
    newest.put(key, ++version);
    cache.put(key, value(key, version, VALUE_BYTES));
  }

  private void putAll(Carafe<Long, byte[]> cache) {
    for (long key = 0; key < KEYS; key++) {
      put(cache, key);
    }
  }

  /** Checks that each key has its newest value or misses; returns the number of hits. */
  private int check(Carafe<Long, byte[]> cache) {
    int hits = 0;
    for (long key = 0; key < KEYS; key++) {
      byte[] value = cache.getIfPresent(key);
      if (value != null) {
        int expected = Objects.requireNonNull(newest.get(key));
        assertArrayEquals(value(key, expected, VALUE_BYTES), value, "key " + key);
        hits++;
      }
    }
    return hits;
  }

  private static Health.State state(Carafe<Long, byte[]> cache) {
    return Objects.requireNonNull(cache.health().file()).state();
  }

  /** Waits for a state of the file tier. */
  private static void await(Carafe<Long, byte[]> cache, Health.State wanted) {
    long began = System.nanoTime();
    while (state(cache) != wanted) {
      assertTrue(
          System.nanoTime() - began < TimeUnit.SECONDS.toNanos(20),
          () -> "not " + wanted + ": " + cache.health());
      LockSupport.parkNanos(5_000_000);
    }
  }

  private static Path fill(Path root, long leaveBytes) throws IOException {
    Path ballast = root.resolve("ballast");
    try (OutputStream out = Files.newOutputStream(ballast)) {
      byte[] much = new byte[64 * 1024];
      while (root.toFile().getUsableSpace() > leaveBytes) {
        out.write(much);
      }
    }
    return ballast;
  }

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"FIXED_BUFFERS", "URING", "CHANNEL"})
  void fullDisk(Io io) throws IOException {
    Io usable = UsableDevices.usable(io);
    try (LoopDisk disk = LoopDisk.orSkip(directory, 32)) {
      FileOptions options = options(disk.root().resolve("cache.carafe"), usable);
      Path ballast = fill(disk.root(), 4 * MIB);
      try (Carafe<Long, byte[]> cache = open(options)) {
        for (long key = 0; key < 100; key++) {
          put(cache, key);
        }
        cache.flush();
        for (long key = 100; key < KEYS || state(cache) == Health.State.OK; key++) {
          put(cache, key % KEYS);
        }
        await(cache, Health.State.DEGRADED);
        String why = String.valueOf(Objects.requireNonNull(cache.health().file()).why());
        assertTrue(why.contains("ENOSPC (no space left on device); free space on the"), why);
        assertTrue(check(cache) > 100);
        for (long key = 0; key < KEYS; key += 2) {
          put(cache, key); // their records must not be read again
        }
        assertTrue(check(cache) > 50);
        assertEquals(28, assertThrows(DeviceException.class, cache::flush).errno());
        Files.delete(ballast);
        await(cache, Health.State.OK);
        putAll(cache);
        cache.flush();
        assertEquals(KEYS, check(cache));
      }
      try (Carafe<Long, byte[]> cache = open(options)) {
        assertEquals(KEYS, check(cache));
      }
    }
    Record.add("disks filled and freed", 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"FIXED_BUFFERS", "URING", "CHANNEL"})
  void readOnlyFileSystem(Io io) throws IOException {
    Io usable = UsableDevices.usable(io);
    try (LoopDisk disk = LoopDisk.orSkip(directory, 32)) {
      FileOptions options = options(disk.root().resolve("cache.carafe"), usable);
      try (Carafe<Long, byte[]> cache = open(options)) {
        putAll(cache);
        cache.flush();
        disk.turnReadOnly();
        for (long key = 0; state(cache) == Health.State.OK; key++) {
          put(cache, key % (KEYS / 2));
        }
        assertTrue(check(cache) > KEYS / 2 - 10);
        DeviceException refused = assertThrows(DeviceException.class, cache::flush);
        assertTrue(String.valueOf(refused.getMessage()).contains(options.path().toString()));
      }
      disk.remount();
      try (Carafe<Long, byte[]> cache = open(options)) {
        for (long key = KEYS / 2; key < KEYS; key++) {
          int flushed = Objects.requireNonNull(newest.get(key));
          assertArrayEquals(value(key, flushed, VALUE_BYTES), cache.getIfPresent(key)); // D2
        }
      }
    }
    Record.add("file systems turned read-only", 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"FIXED_BUFFERS", "URING", "CHANNEL"})
  void fileIsTruncatedWhileOpen(Io io) throws IOException {
    FileOptions options = options(directory.resolve("cache.carafe"), UsableDevices.usable(io));
    try (Carafe<Long, byte[]> cache = open(options)) {
      for (long cut : new long[] {5 * MIB, 100_000, 0}) {
        putAll(cache);
        cache.flush();
        try (FileChannel other = FileChannel.open(options.path(), StandardOpenOption.WRITE)) {
          var _ = other.truncate(cut);
        }
        assertTrue(check(cache) > 50);
        for (long key = 0; key < KEYS; key += 3) {
          put(cache, key);
        }
        assertTrue(check(cache) > KEYS / 4);
        assertEquals(Health.State.OK, state(cache));
      }
      putAll(cache);
    }
    try (Carafe<Long, byte[]> cache = open(options)) {
      assertEquals(KEYS, check(cache));
    }
    Record.add("files cut under the engine", 3);
  }

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"FIXED_BUFFERS", "URING", "CHANNEL"})
  void fileIsDeletedWhileOpen(Io io) throws IOException {
    FileOptions options = options(directory.resolve("cache.carafe"), UsableDevices.usable(io));
    try (Carafe<Long, byte[]> cache = open(options)) {
      putAll(cache);
      Files.delete(options.path());
      for (long key = 0; key < KEYS; key += 2) {
        put(cache, key);
      }
      cache.flush();
      assertEquals(KEYS, check(cache));
    }
    try (Carafe<Long, byte[]> cache = open(options)) {
      assertNull(cache.getIfPresent(1L)); // another file
      put(cache, 1);
    }
    Record.add("files removed under the engine", 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"FIXED_BUFFERS", "URING", "CHANNEL"})
  void fileWithoutWritePermission(Io io) {
    Io usable = UsableDevices.usable(io);
    try (LoopDisk disk = LoopDisk.orSkip(directory, 32)) {
      FileOptions options = options(disk.root().resolve("cache.carafe"), usable);
      open(options).close();
      disk.remountReadOnly();
      DeviceException refused = assertThrows(DeviceException.class, () -> open(options).close());
      assertTrue(String.valueOf(refused.getMessage()).contains(options.path().toString()));
    }
  }
}
