package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;

import dev.carafe.Carafe;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process with a temporary limit of the file size (RLIMIT_FSIZE). Arguments: file, io. */
final class LimitChild {
  private static final long KEYS = 1500;
  private static final int VALUE_BYTES = 6000;
  private static final long[] NEWEST = new long[(int) KEYS];
  private static long version;

  private LimitChild() {}

  public static void main(String[] args) throws Exception {
    FileOptions options =
        FileOptions.at(Path.of(args[0]), 16 * MIB)
            .withIo(Io.valueOf(args[1]))
            .withCompression(Compression.NONE);
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).file(options).build()) {
      for (long key = 0; key < 100; key++) {
        put(cache, key);
      }
      cache.flush();
      limit(String.valueOf(2 * MIB));
      for (long key = 100; key < KEYS || state(cache) == Health.State.OK; key++) {
        put(cache, key % KEYS);
      }
      await(cache, Health.State.DEGRADED);
      String why = String.valueOf(Objects.requireNonNull(cache.health().file()).why());
      require(why.contains("EFBIG (file too large); raise RLIMIT_FSIZE"), why);
      require(check(cache) > 100, "reads go on");
      require(flushFails(cache), "a flush can't be promised");
      limit("unlimited");
      await(cache, Health.State.OK);
      for (long key = 0; key < KEYS; key++) {
        put(cache, key);
      }
      cache.flush();
      require(check(cache) == KEYS, "all is back");
    }
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB).file(options).build()) {
      require(check(cache) == KEYS, "all is there after opening again");
    }
  }

  private static void limit(String bytes) throws Exception {
    String pid = String.valueOf(ProcessHandle.current().pid());
    Process set =
        new ProcessBuilder("prlimit", "--pid", pid, "--fsize=" + bytes + ":unlimited")
            .inheritIO()
            .start();
    require(set.waitFor() == 0, "prlimit");
  }

  private static void put(Carafe<Long, byte[]> cache, long key) {
    NEWEST[(int) key] = ++version;
    cache.put(key, value(key, version, VALUE_BYTES));
  }

  private static int check(Carafe<Long, byte[]> cache) {
    int hits = 0;
    for (long key = 0; key < KEYS; key++) {
      byte[] value = cache.getIfPresent(key);
      if (value != null) {
        require(Arrays.equals(value(key, NEWEST[(int) key], VALUE_BYTES), value), "key " + key);
        hits++;
      }
    }
    return hits;
  }

  private static boolean flushFails(Carafe<Long, byte[]> cache) {
    try {
      cache.flush();
      return false;
    } catch (DeviceException e) {
      return true;
    }
  }

  private static Health.State state(Carafe<Long, byte[]> cache) {
    return Objects.requireNonNull(cache.health().file()).state();
  }

  private static void await(Carafe<Long, byte[]> cache, Health.State wanted) {
    long began = System.nanoTime();
    while (state(cache) != wanted) {
      require(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(30), "not " + wanted);
      LockSupport.parkNanos(5_000_000);
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
