package dev.carafe.bench.core;

import dev.carafe.Carafe;
import dev.carafe.bench.core.IoRounds.IoSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Puts of new values until the file has them, in value bytes per second, and the bytes written to
 * the device. The baseline is fio with blocks of the extent size, synced at the end or after each
 * block.
 */
final class SpillBench {
  private static final int MIB = 1 << 20;
  private static final long MAX_VALUES = 2_000_000;

  private final Path dir;
  private final boolean quick;
  private final int rounds;
  private final long mostBytes;

  SpillBench(Path dir, boolean quick) {
    this.dir = dir;
    this.quick = quick;
    this.rounds = quick ? 2 : 4;
    this.mostBytes = quick ? 256L << 20 : 1L << 30;
  }

  List<Figure> run() throws Exception {
    List<Figure> figures = new ArrayList<>();
    for (int valueBytes : quick ? new int[] {4096} : new int[] {100, 1024, 4096, 16_384, 65_536}) {
      long totalBytes = Math.min(mostBytes, MAX_VALUES * valueBytes);
      FileCache roomy = FileCache.cold(dir.resolve("spill.carafe"), valueBytes, totalBytes);
      int extentBytes = (int) roomy.geometry().extentBytes();
      IoRounds all = new IoRounds(1, rounds);
      if (Fio.isPresent()) {
        all.with("fio", () -> fio(extentBytes, totalBytes, "--end_fsync=1"));
        all.with("fio, each block synced", () -> fio(extentBytes, totalBytes, "--fdatasync=1"));
      }
      FileCache tight =
          new FileCache(
              roomy.path(), valueBytes, roomy.keys(), roomy.memoryBytes(), totalBytes / 2);
      figures.addAll(
          all.with("puts", () -> fill(roomy))
              .with("puts, half reclaimed", () -> fill(tight))
              .run("spill of " + valueBytes + " B", "MiB/s"));
    }
    Files.deleteIfExists(dir.resolve("spill.carafe"));
    return figures;
  }

  private IoSample fio(int extentBytes, long totalBytes, String syncing)
      throws IOException, InterruptedException {
    Path file = dir.resolve("spill.fio");
    IoSample sample = Fio.run(file, "write", extentBytes, 2, "--size=" + totalBytes, syncing);
    Files.deleteIfExists(file);
    return new IoSample(sample.rate() * extentBytes / MIB, 0);
  }

  private static IoSample fill(FileCache file) throws IOException {
    Files.deleteIfExists(file.path());
    try (Carafe<Long, byte[]> cache = file.create()) {
      byte[] value = file.bytes();
      long cpu = IoRounds.processCpuNanos();
      long start = System.nanoTime();
      for (long key = 0; key < file.keys(); key++) {
        file.writeKey(value, key);
        cache.put(key, value);
      }
      cache.flush();
      double seconds = (System.nanoTime() - start) / 1e9;
      double bytes = (double) file.keys() * file.valueBytes();
      double written = cache.tierStats().file().bytesWritten();
      return new IoSample(
          bytes / MIB / seconds,
          (IoRounds.processCpuNanos() - cpu) / (double) file.keys(),
          Map.of("device bytes per 1000", 1000 * written / bytes));
    }
  }
}
