package dev.carafe.bench.core;

import dev.carafe.Carafe;
import dev.carafe.bench.core.IoRounds.IoSample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Puts of new keys into full memory, so that each put moves another value to the file. The first
 * contender puts at full speed, the second at half that rate.
 */
final class PutsBench {
  private static final long MEMORY_BYTES = 256L << 20;

  private final Path dir;
  private final boolean quick;
  private final double seconds;

  PutsBench(Path dir, boolean quick) {
    this.dir = dir;
    this.quick = quick;
    this.seconds = quick ? 2 : 5;
  }

  List<Figure> run() throws Exception {
    List<Figure> figures = new ArrayList<>();
    for (int valueBytes : new int[] {1024, 4096}) {
      for (int threads : new int[] {1, 2}) {
        double[] fastest = {0};
        figures.addAll(
            new IoRounds(1, quick ? 1 : 3)
                .with(
                    "full speed",
                    () -> {
                      IoSample sample = put(valueBytes, threads, 0);
                      fastest[0] = Math.max(fastest[0], sample.rate());
                      return sample;
                    })
                .with("half of it", () -> put(valueBytes, threads, fastest[0] / 2))
                .run("puts of " + valueBytes + " B, " + threads + " thread(s)", "puts/s"));
      }
    }
    return figures;
  }

  private IoSample put(int valueBytes, int threads, double perSecond) throws Exception {
    Path path = dir.resolve("puts.carafe");
    FileCache file = new FileCache(path, valueBytes, Long.MAX_VALUE, MEMORY_BYTES, 2L << 30);
    try (Carafe<Long, byte[]> cache = file.create()) {
      AtomicLong next = new AtomicLong();
      byte[] value = file.bytes();
      while (next.get() * valueBytes < 2 * MEMORY_BYTES) {
        cache.put(next.getAndIncrement(), value);
      }
      Histogram took = new ConcurrentHistogram(3);
      double interval = perSecond == 0 ? 0 : threads / perSecond * 1e9;
      long before = next.get();
      long cpu = IoRounds.processCpuNanos();
      long start = System.nanoTime();
      List<Thread> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            Thread.ofPlatform()
                .start(() -> putUntil(cache, value.clone(), next, took, start, interval)));
      }
      for (Thread thread : running) {
        thread.join();
      }
      IoSample sample = IoSample.since(start, cpu, next.get() - before);
      return new IoSample(
          sample.rate(),
          sample.cpuNanos(),
          Map.of(
              "p50 ns", (double) took.getValueAtPercentile(50),
              "p99 ns", (double) took.getValueAtPercentile(99),
              "p99.9 ns", (double) took.getValueAtPercentile(99.9),
              "max ns", (double) took.getMaxValue()));
    } finally {
      Files.deleteIfExists(path);
    }
  }

  /**
   * Measures the service time of each put. A late put shifts the schedule of the following ones.
   */
  private void putUntil(
      Carafe<Long, byte[]> cache,
      byte[] value,
      AtomicLong next,
      Histogram took,
      long start,
      double interval) {
    long end = start + (long) (seconds * 1e9);
    double due = start;
    for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
      if (interval > 0) {
        due = Math.max(due + interval, (double) now);
        while (System.nanoTime() < due) {
          Thread.onSpinWait(); // a park takes longer than the interval
        }
      }
      long from = System.nanoTime();
      long key = next.getAndIncrement();
      value[0] = (byte) key;
      cache.put(key, value);
      took.recordValue(System.nanoTime() - from);
    }
  }
}
