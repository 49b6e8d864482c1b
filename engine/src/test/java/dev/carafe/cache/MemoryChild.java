package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;

import dev.carafe.Carafe;
import dev.carafe.FileOptions.Io;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process whose resident memory is compared with {@code memoryUsage()} (contract B1). The memory
 * of the JVM is measured before the cache is opened, after a small cache has loaded the classes,
 * and subtracted.
 */
final class MemoryChild {
  private static final long MEMORY_BYTES = 192 * MIB;
  private static final long FILE_BYTES = 96 * MIB;

  private MemoryChild() {}

  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    Io io = Io.valueOf(args[1]);
    try (Carafe<Long, byte[]> small =
        Caches.builder(MIB, file.resolveSibling("small"), 8 * MIB, io).build()) {
      fill(small, 2000);
    }
    long before = residentBytes();
    try (Carafe<Long, byte[]> cache = Caches.builder(MEMORY_BYTES, file, FILE_BYTES, io).build()) {
      fill(cache, 32_000);
      long table = cache.memoryUsage().totalBytes();
      long resident = residentBytes() - before;
      double off = Math.abs(resident - table) / (double) table;
      System.out.println(
          "table " + cache.memoryUsage() + "; resident " + resident + "; off by " + off);
      if (off > 0.05) {
        System.exit(1);
      }
    }
  }

  private static void fill(Carafe<Long, byte[]> cache, long keys) {
    for (long key = 0; key < keys; key++) {
      cache.put(key, value(key, 0, 10_000));
    }
    cache.flush();
    for (long key = 0; key < keys; key++) { // through all of the read buffers
      var _ = cache.getIfPresent(key);
    }
  }

  private static long residentBytes() throws IOException {
    System.gc();
    return Files.readString(Path.of("/proc/self/status"))
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .sum();
  }
}
