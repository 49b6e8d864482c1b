package dev.carafe.bench;

import dev.carafe.Carafe;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of a trace to a cache. A GET that misses loads the value. The replay compares
 * every returned value byte for byte.
 *
 * <p>With one thread, the file hit counter before and after a request gives the tier of the hit.
 * The replay reads the counter outside the measured time. With several threads, only the sums are
 * known.
 */
final class Replay {
  private static final int BATCH = 64;
  private static final int UNKNOWN = -1;

  private final Trace trace;
  private final Carafe<String, byte[]> cache;
  private final int threads;
  private final int[] putSizes;
  private final boolean puts;
  private final AtomicInteger next = new AtomicInteger();

  /** The counts and latencies of one thread. */
  static final class Counts {
    final Map<Outcome, Histogram> latencies = new EnumMap<>(Outcome.class);
    long gets;
    long loads;
    long verified;
    long wrong;
    long hitBytes;
    long getBytes;
    long measuredNanos;

    Counts() {
      for (Outcome outcome : Outcome.values()) {
        latencies.put(outcome, new Histogram(3_600_000_000_000L, 3));
      }
    }

    Histogram of(Outcome outcome) {
      Histogram histogram = latencies.get(outcome);
      if (histogram == null) {
        throw new IllegalStateException("no histogram for " + outcome);
      }
      return histogram;
    }

    void add(Counts other) {
      other.latencies.forEach((outcome, histogram) -> of(outcome).add(histogram));
      gets += other.gets;
      loads += other.loads;
      verified += other.verified;
      wrong += other.wrong;
      hitBytes += other.hitBytes;
      getBytes += other.getBytes;
      measuredNanos = Math.max(measuredNanos, other.measuredNanos);
    }
  }

  /**
   * Creates a replay.
   *
   * @param puts whether a miss is followed by a put instead of a load
   */
  Replay(Trace trace, Carafe<String, byte[]> cache, int threads, boolean puts) {
    this.trace = trace;
    this.cache = cache;
    this.threads = threads;
    this.puts = puts;
    this.putSizes = new int[trace.keyCount()];
    java.util.Arrays.fill(putSizes, UNKNOWN);
  }

  /** Replays the trace. Each thread reports the number of requests of each completed batch. */
  Counts run(LongConsumer completed) throws InterruptedException {
    List<Counts> all = new ArrayList<>();
    List<Thread> running = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < threads; i++) {
      Counts mine = new Counts();
      all.add(mine);
      running.add(
          Thread.ofPlatform()
              .name("replay-" + i)
              .uncaughtExceptionHandler((thread, error) -> failures.add(error))
              .start(() -> work(mine, completed)));
    }
    for (Thread thread : running) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a replay thread failed", failures.getFirst());
    }
    Counts sum = new Counts();
    all.forEach(sum::add);
    return sum;
  }

  private void work(Counts counts, LongConsumer completed) {
    int end = trace.requests();
    for (int from = next.getAndAdd(BATCH); from < end; from = next.getAndAdd(BATCH)) {
      int to = Math.min(end, from + BATCH);
      for (int request = from; request < to; request++) {
        if (trace.op(request) == Trace.GET) {
          get(request, counts);
        } else {
          write(request, counts);
        }
      }
      completed.accept(to - from);
    }
  }

  private void get(int request, Counts counts) {
    int id = trace.keyId(request);
    String key = trace.key(id);
    int size = trace.size(request);
    boolean[] loaded = {false};
    long fileHits = threads == 1 ? cache.tierStats().file().hits() : 0;
    long start = System.nanoTime();
    Function<String, byte[]> loader =
        missing -> {
          loaded[0] = true;
          return ValueBytes.of(missing, size);
        };
    byte[] value = puts ? getOrPut(key, loader) : cache.get(key, loader);
    long took = System.nanoTime() - start;
    Outcome outcome = Outcome.MISS;
    if (!loaded[0]) {
      outcome = threads > 1 ? Outcome.HIT : tierOf(fileHits);
      check(id, key, value, counts);
      counts.hitBytes += value.length;
    } else {
      counts.loads++;
      putSizes[id] = size;
    }
    counts.gets++;
    counts.getBytes += value.length;
    counts.of(outcome).recordValue(took);
    counts.measuredNanos += took;
  }

  private byte[] getOrPut(String key, Function<String, byte[]> loader) {
    byte[] value = cache.getIfPresent(key);
    if (value == null) {
      value = loader.apply(key);
      cache.put(key, value);
    }
    return value;
  }

  private Outcome tierOf(long fileHitsBefore) {
    return cache.tierStats().file().hits() > fileHitsBefore ? Outcome.FILE_HIT : Outcome.MEMORY_HIT;
  }

  private void check(int id, String key, byte[] value, Counts counts) {
    boolean sizeRight = threads > 1 || putSizes[id] == UNKNOWN || putSizes[id] == value.length;
    if (sizeRight && ValueBytes.isValid(value, key, value.length)) {
      counts.verified++;
    } else {
      counts.wrong++;
    }
  }

  private void write(int request, Counts counts) {
    int id = trace.keyId(request);
    String key = trace.key(id);
    int size = trace.size(request);
    byte @Nullable [] value = trace.op(request) == Trace.SET ? ValueBytes.of(key, size) : null;
    long start = System.nanoTime();
    if (value == null) {
      cache.invalidate(key);
    } else {
      cache.put(key, value);
    }
    long took = System.nanoTime() - start;
    putSizes[id] = size;
    counts.of(Outcome.WRITE).recordValue(took);
    counts.measuredNanos += took;
  }

  /** Reads the keys of the last requests of a trace from a reopened cache, without loading. */
  static Counts tail(Trace trace, Carafe<String, byte[]> cache, int requests) {
    Replay replay = new Replay(trace, cache, 1, false);
    Counts counts = new Counts();
    for (int i = Math.max(0, trace.requests() - requests); i < trace.requests(); i++) {
      int id = trace.keyId(i);
      long start = System.nanoTime();
      byte[] value = cache.getIfPresent(trace.key(id));
      long took = System.nanoTime() - start;
      counts.gets++;
      if (value != null) {
        replay.check(id, trace.key(id), value, counts);
        counts.of(Outcome.HIT).recordValue(took);
      }
    }
    return counts;
  }
}
