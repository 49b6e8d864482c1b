package dev.carafe.bench.core;

import dev.carafe.Carafe;
import dev.carafe.bench.core.IoRounds.IoSample;
import dev.carafe.log.Geometry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Time to open a file, with and without its directories. */
final class RecoveryBench {
  private static final int MIB = 1 << 20;
  private static final int BLOCK = 4096;

  private final Path dir;
  private final boolean quick;
  private final int rounds;

  RecoveryBench(Path dir, boolean quick) {
    this.dir = dir;
    this.quick = quick;
    this.rounds = quick ? 3 : 5;
  }

  List<Figure> run() throws Exception {
    List<Figure> figures = new ArrayList<>();
    Path path = dir.resolve("recovery.carafe");
    FileCache many = FileCache.cold(path, 100, quick ? 25_000_000 : 100_000_000);
    many.fill();
    figures.add(firstHit(many));
    FileCache large = FileCache.cold(path, 4096, quick ? 512L << 20 : 2L << 30);
    Files.delete(path);
    large.fill();
    figures.addAll(withoutDirectories(large));
    Files.delete(path);
    return figures;
  }

  /** Measures from open to the first hit. */
  private Figure firstHit(FileCache file) throws Exception {
    double[] millis = new double[rounds];
    for (int round = -1; round < rounds; round++) {
      long start = System.nanoTime();
      try (Carafe<Long, byte[]> cache = file.open()) {
        byte[] first = cache.getIfPresent(0L);
        double took = (System.nanoTime() - start) / 1e6;
        if (first == null || !file.isValid(0, first)) {
          throw new IllegalStateException("key 0 is missing or has a wrong value");
        }
        if (round >= 0) {
          millis[round] = took;
        }
      }
    }
    Arrays.sort(millis);
    return new Figure(
        "clean reopen to the first hit, " + file.keys() + " records",
        "Carafe",
        millis[rounds / 2],
        millis[0],
        millis[rounds - 1],
        "ms",
        true,
        Double.NaN,
        Map.of());
  }

  private List<Figure> withoutDirectories(FileCache file) throws Exception {
    long bytes = Files.size(file.path());
    IoRounds all = new IoRounds(1, rounds);
    if (Fio.isPresent()) {
      all.with(
          "fio",
          () -> {
            IoSample sample = Fio.run(file.path(), "read", MIB, 8, "--readonly");
            return new IoSample(sample.rate(), 0);
          });
    }
    return all.with(
            "open, no directory left",
            () -> {
              eraseDirectories(file);
              long start = System.nanoTime();
              try (Carafe<Long, byte[]> cache = file.open()) {
                double seconds = (System.nanoTime() - start) / 1e9;
                double read = cache.tierStats().file().bytesRead();
                double passes = 100 * read / bytes;
                return new IoSample(read / MIB / seconds, 0, Map.of("% of the file read", passes));
              }
            })
        .run("recovery by reading all", "MiB/s");
  }

  /** Overwrites the last block of each extent with zeros. */
  private static void eraseDirectories(FileCache file) {
    Geometry geometry = file.geometry();
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
      for (int slot = 0; slot < geometry.extentCount(); slot++) {
        long end = geometry.extentOffset(slot) + geometry.extentBytes();
        if (end <= channel.size()) {
          int wrote = channel.write(ByteBuffer.allocate(BLOCK), end - BLOCK);
          if (wrote != BLOCK) {
            throw new IllegalStateException("short write while erasing a directory");
          }
        }
      }
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
