package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process that opens 200 caches in one store and measures what they take: resident memory beyond
 * that of a store of one cache that was closed, the objects on the heap included; descriptors and
 * threads. The heap is resident from the start, so its used part is added.
 */
final class ManyCachesChild {
  private static final int CACHES = 200;
  private static final int KEYS = 50;
  private static final long MEMORY_BYTES = 8L << 20;
  private static final long FILE_BYTES = 4L << 30;
  private static final long MAX_BYTES = 100_000_000;
  private static final String VALUE = "x".repeat(500);

  private ManyCachesChild() {}

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    use(directory.resolve("one"), 1, null); // loads classes
    Used before = Used.now();
    Used used = use(directory.resolve("many"), CACHES, before);
    ProcessResources resources = used.resources();
    long bytes = used.bytes() - before.bytes();
    long descriptors = resources.descriptors() - before.resources().descriptors();
    System.out.println(
        bytes + " bytes, " + descriptors + " descriptors, " + resources.threads() + " threads");
    // the file, an eventfd, the ring of the reaper, and the ring of this thread and the keeper
    if (bytes > MAX_BYTES || descriptors > 4 || resources.threads() > 2) {
      System.exit(1);
    }
  }

  /** What the process uses at one moment. */
  private record Used(long residentBytes, long heapBytes, ProcessResources resources) {
    static Used now() throws IOException {
      System.gc();
      long resident =
          Files.readString(Path.of("/proc/self/status"))
              .lines()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
              .sum();
      Runtime runtime = Runtime.getRuntime();
      return new Used(
          resident, runtime.totalMemory() - runtime.freeMemory(), ProcessResources.now());
    }

    long bytes() {
      return residentBytes + heapBytes;
    }
  }

  private static Used use(Path file, int caches, @Nullable Used before) throws IOException {
    try (CarafeStore store =
        CarafeStore.newBuilder().memory(MEMORY_BYTES).file(file, FILE_BYTES).build()) {
      List<Carafe<Long, String>> open = new ArrayList<>();
      for (int i = 0; i < caches; i++) {
        open.add(store.cache("cache " + i, Codec.int64(), Codec.utf8()).build());
      }
      for (Carafe<Long, String> cache : open) {
        for (long key = 0; key < KEYS; key++) {
          cache.put(key, VALUE);
        }
      }
      store.flush();
      for (Carafe<Long, String> cache : open) {
        for (long key = 0; key < KEYS; key++) {
          if (!VALUE.equals(cache.getIfPresent(key))) {
            throw new AssertionError("key " + key + " is lost");
          }
        }
      }
      if (before != null) {
        System.out.println(before + "; " + store.memoryUsage());
      }
      return Used.now();
    }
  }
}
