package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions.Io;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The system resources of a cache, all of which are released by {@code close()} (contract B1, B5,
 * M4).
 */
@Timeout(value = 1200, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ResourcesTest {
  @TempDir Path directory;

  private static final long ARENA_BYTES = 3 * MIB;

  @ParameterizedTest
  @EnumSource(
      value = Io.class,
      names = {"FIXED_BUFFERS", "URING", "CHANNEL"})
  void resourcesAreReleasedAfterManyCycles(Io io) {
    Io usable = UsableDevices.usable(io);
    Path file = directory.resolve("c");
    int cycles = Soak.times(34, 334);
    cycle(file, usable, 0); // loads classes
    awaitNoEngineThreads();
    ProcessResources before = ProcessResources.now();
    for (int i = 1; i <= cycles; i++) {
      cycle(file, usable, i);
    }
    long began = System.nanoTime();
    ProcessResources after = ProcessResources.now();
    while (!after.isWithin(before) && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(20)) {
      LockSupport.parkNanos(50_000_000); // the kernel releases a ring later
      after = ProcessResources.now();
    }
    ProcessResources last = after;
    assertTrue(last.isWithin(before), () -> "before " + before + ", after " + last);
    Record.add("open-close cycles", cycles);
  }

  /** Shows that the previous test would find a leaked mapping. */
  @Test
  void measurementIncludesTheMemoryOfAnOpenCache() {
    Path hugePages = Path.of("/sys/kernel/mm/transparent_hugepage");
    assumeTrue(Files.exists(hugePages), "the kernel has no huge pages, so no mapping is advised");
    ProcessResources before = ProcessResources.now();
    try (Carafe<Long, byte[]> cache = Caches.builder(ARENA_BYTES).build()) {
      assertTrue(
          cache.estimatedSize() == 0
              && ProcessResources.now().memoryBytes() >= before.memoryBytes() + ARENA_BYTES);
    }
  }

  private static void awaitNoEngineThreads() {
    long began = System.nanoTime();
    while (ProcessResources.engineThreads() > 0
        && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(20)) {
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static void cycle(Path file, Io io, long round) {
    try (Carafe<Long, byte[]> cache = Caches.builder(ARENA_BYTES, file, 2 * MIB, io).build()) {
      byte[] earlier = cache.getIfPresent(1L);
      if (earlier != null) {
        assertArrayEquals(value(1, round - 1, 5000), earlier);
      }
      cache.put(1L, value(1, round, 5000));
      try (var lease = cache.lease(1L)) {
        assertEquals(5000, lease == null ? 0 : lease.segment().byteSize());
      }
    }
  }

  /** Measures the processor time of the engine's threads during some idle seconds. */
  @Test
  void idleCacheUsesNoProcessorTime() throws InterruptedException { // B5
    int seconds = Soak.times(1, 20);
    long allowed = TimeUnit.SECONDS.toNanos(seconds) / 1000;
    try (Carafe<Long, byte[]> uring = busy("u", Io.AUTO);
        Carafe<Long, byte[]> channel = busy("c", Io.CHANNEL)) {
      long used = Long.MAX_VALUE;
      for (int tries = 0; used > allowed && tries < 5; tries++) { // work may still be under way
        long before = engineNanos();
        var _ = new CountDownLatch(1).await(seconds, TimeUnit.SECONDS);
        used = engineNanos() - before;
      }
      assertTrue(used <= allowed, used + " ns of processor time in " + seconds + " s");
      assertTrue(uring.estimatedSize() > 0 && channel.estimatedSize() > 0);
    }
  }

  private Carafe<Long, byte[]> busy(String name, Io io) {
    Carafe<Long, byte[]> cache = Caches.builder(MIB, directory.resolve(name), 8 * MIB, io).build();
    for (long key = 0; key < 2000; key++) {
      cache.put(key, value(key, 0, 3000));
    }
    cache.flush(); // so that no writeback is left
    return cache;
  }

  private static long engineNanos() {
    var threads = ManagementFactory.getThreadMXBean();
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("carafe-"))
        .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.threadId())))
        .sum();
  }

  /** Compares {@code memoryUsage()} with the resident memory of a child process. */
  @Test
  void memoryUsageMatchesTheResidentSet() throws Exception { // B1
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xms64m",
            "-Xmx64m",
            "-XX:+AlwaysPreTouch",
            "-XX:TieredStopAtLevel=1", // the memory of C2 varies by tens of MiB
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            MemoryChild.class.getName(),
            directory.resolve("c").toString(),
            Io.AUTO.name());
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, child.waitFor(), output);
  }

  /**
   * 200 caches of one store with 8 MiB of memory and a file of 4 GiB take at most 100 MB, five
   * descriptors and two threads.
   */
  @Test
  void manyCachesOfAStoreTakeLittle() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "skipped: needs Linux's /proc");
    List<String> options =
        List.of("--enable-native-access=ALL-UNNAMED", "-Xms128m", "-XX:+AlwaysPreTouch");
    Process child = ChildJvm.of(options, ManyCachesChild.class, directory.toString()).start();
    String output = ChildJvm.outputWithin(Duration.ofMinutes(3), child);
    assertEquals(0, child.exitValue(), output);
  }
}
