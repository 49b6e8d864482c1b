package dev.carafe.bench.core;

import dev.carafe.Carafe;
import dev.carafe.bench.core.IoRounds.IoSample;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.LongAdder;

/** Reads of a cache with little memory: almost every read is a file read. */
final class CacheReads {
  private final FileCache file;
  private final long nanos;

  CacheReads(FileCache file, double seconds) {
    this.file = file;
    this.nanos = (long) (seconds * 1e9);
  }

  /** Runs {@code count} threads, each with one get after the other. */
  IoSample threads(int count, ThreadFactory factory) throws InterruptedException {
    try (Carafe<Long, byte[]> cache = file.open()) {
      LongAdder got = new LongAdder();
      List<Thread> threads = new ArrayList<>();
      long before = cache.tierStats().file().hits();
      long cpu = IoRounds.processCpuNanos();
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        threads.add(factory.newThread(() -> got.add(getUntil(cache, start + nanos))));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      return IoSample.since(start, cpu, cache.tierStats().file().hits() - before);
    }
  }

  private long getUntil(Carafe<Long, byte[]> cache, long end) {
    SplittableRandom random = new SplittableRandom();
    long got = 0;
    while (System.nanoTime() < end) {
      long key = random.nextLong(file.keys());
      byte[] value = cache.getIfPresent(key);
      if (value == null || !file.isValid(key, value)) {
        throw new IllegalStateException("key " + key + " is missing or has a wrong value");
      }
      got++;
    }
    return got;
  }

  /** Runs one thread with one getAllPresent of {@code count} keys after the other. */
  IoSample bulk(int count) {
    try (Carafe<Long, byte[]> cache = file.open()) {
      SplittableRandom random = new SplittableRandom();
      long before = cache.tierStats().file().hits();
      long cpu = IoRounds.processCpuNanos();
      long start = System.nanoTime();
      while (System.nanoTime() - start < nanos) {
        List<Long> wanted = random.longs(count, 0, file.keys()).distinct().boxed().toList();
        if (cache.getAllPresent(wanted).size() != wanted.size()) {
          throw new IllegalStateException("getAllPresent did not return all keys");
        }
      }
      return IoSample.since(start, cpu, cache.tierStats().file().hits() - before);
    }
  }
}
