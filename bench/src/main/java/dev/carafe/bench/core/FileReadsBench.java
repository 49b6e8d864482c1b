package dev.carafe.bench.core;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Random reads of the file of one cache at several queue depths. */
final class FileReadsBench {
  private static final int MANY_THREADS = 10_000;

  private final Path dir;
  private final boolean quick;
  private final double seconds;
  private final int rounds;

  FileReadsBench(Path dir, boolean quick) {
    this.dir = dir;
    this.quick = quick;
    this.seconds = quick ? 1 : 1.5;
    this.rounds = quick ? 3 : 5;
  }

  List<Figure> run() throws Exception {
    List<Figure> figures = new ArrayList<>();
    for (int valueBytes : quick ? new int[] {4096} : new int[] {4096, 16_384, 65_536}) {
      Path file = dir.resolve("reads.carafe");
      FileCache cache = FileCache.cold(file, valueBytes, quick ? 512L << 20 : 2L << 30);
      cache.fill();
      warmUp(cache);
      for (int depth : quick ? new int[] {1, 32} : new int[] {1, 8, 32, 128}) {
        figures.addAll(at(cache, depth));
      }
      if (valueBytes == 4096) {
        figures.addAll(manyVirtualThreads(cache));
      }
      Files.delete(file);
    }
    return figures;
  }

  /** Runs until the JIT compilers are almost idle. This takes longer than a round. */
  private void warmUp(FileCache cache) throws InterruptedException {
    CacheReads reads = new CacheReads(cache, quick ? 2 : 5);
    for (int turn = 0; turn < 2; turn++) {
      var _ = reads.threads(2, Thread.ofPlatform().factory());
      var _ = reads.threads(32, Thread.ofVirtual().factory());
      var _ = reads.bulk(32);
    }
  }

  private List<Figure> at(FileCache cache, int depth) throws Exception {
    int bytes = cache.valueBytes();
    DeviceReads device = new DeviceReads(cache.path(), bytes, depth, seconds);
    CacheReads reads = new CacheReads(cache, seconds);
    IoRounds all = new IoRounds(0, rounds);
    if (Fio.isPresent()) {
      all.with(
          "fio",
          () ->
              Fio.run(cache.path(), "randread", bytes, depth, Fio.lasting(seconds, "--readonly")));
    }
    return all.with("Device", device::device)
        .with("FileChannel", device::channel)
        .with("get, platform threads", () -> reads.threads(depth, Thread.ofPlatform().factory()))
        .with("get, virtual threads", () -> reads.threads(depth, Thread.ofVirtual().factory()))
        .with("getAll", () -> reads.bulk(depth))
        .run("reads of " + bytes + " B, depth " + depth, "reads/s");
  }

  /** More threads in get than the device has reads in flight; counts pinned carriers. */
  private List<Figure> manyVirtualThreads(FileCache cache) throws Exception {
    CacheReads reads = new CacheReads(cache, seconds);
    try (PinnedParkCounter pinned = PinnedParkCounter.start()) {
      return new IoRounds(0, rounds)
          .with("128 virtual threads", () -> reads.threads(128, Thread.ofVirtual().factory()))
          .with(
              "10,000 virtual threads",
              () -> pinned.counted(() -> reads.threads(MANY_THREADS, Thread.ofVirtual().factory())))
          .run("gets of " + cache.valueBytes() + " B by many", "reads/s");
    }
  }
}
