package dev.carafe.bench;

import dev.carafe.Carafe;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Sends a trace's requests to a cache as an application would: a GET loads what it misses, and
 * every value that comes back is checked byte for byte.
 *
 * <p>With one thread the tier of each hit is known, by the cache's own counters before and after,
 * read outside of the measured time. With more only the sums are.
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
  private final AtomicLong done = new AtomicLong();

  /** What one thread saw; added up at the end. */
  static final class Seen {
    final Map<Outcome, Histogram> latencies = new EnumMap<>(Outcome.class);
    long gets;
    long loads;
    long verified;
    long wrong;
    long hitBytes;
    long getBytes;
    long measuredNanos;

    Seen() {
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

    void add(Seen other) {
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
   * Prepares a replay.
   *
   * @param puts whether a missing value is put, and not loaded
   */
  Replay(Trace trace, Carafe<String, byte[]> cache, int threads, boolean puts) {
    this.trace = trace;
    this.cache = cache;
    this.threads = threads;
    this.puts = puts;
    this.putSizes = new int[trace.keyCount()];
    java.util.Arrays.fill(putSizes, UNKNOWN);
  }

  /** Requests that are done so far. */
  long done() {
    return done.get();
  }

  Seen run() throws InterruptedException {
    List<Seen> all = new ArrayList<>();
    List<Thread> running = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < threads; i++) {
      Seen mine = new Seen();
      all.add(mine);
      running.add(
          Thread.ofPlatform()
              .name("replay-" + i)
              .uncaughtExceptionHandler((thread, error) -> failures.add(error))
              .start(() -> work(mine)));
    }
    for (Thread thread : running) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a replaying thread failed", failures.getFirst());
    }
    Seen sum = new Seen();
    all.forEach(sum::add);
    return sum;
  }

  private void work(Seen seen) {
    int end = trace.requests();
    for (int from = next.getAndAdd(BATCH); from < end; from = next.getAndAdd(BATCH)) {
      int to = Math.min(end, from + BATCH);
      for (int request = from; request < to; request++) {
        if (trace.op(request) == Trace.GET) {
          get(request, seen);
        } else {
          write(request, seen);
        }
      }
      done.getAndAdd(to - from);
    }
  }

  private void get(int request, Seen seen) {
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
      check(id, key, value, seen);
      seen.hitBytes += value.length;
    } else {
      seen.loads++;
      putSizes[id] = size;
    }
    seen.gets++;
    seen.getBytes += value.length;
    seen.of(outcome).recordValue(took);
    seen.measuredNanos += took;
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

  private void check(int id, String key, byte[] value, Seen seen) {
    boolean sizeRight = threads > 1 || putSizes[id] == UNKNOWN || putSizes[id] == value.length;
    if (sizeRight && ValueBytes.isRight(value, key, value.length)) {
      seen.verified++;
    } else {
      seen.wrong++;
    }
  }

  private void write(int request, Seen seen) {
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
    seen.of(Outcome.WRITE).recordValue(took);
    seen.measuredNanos += took;
  }

  /** What the tail of a trace finds in a cache that was reopened, without loading anything. */
  static Seen tail(Trace trace, Carafe<String, byte[]> cache, int requests) {
    Replay replay = new Replay(trace, cache, 1, false);
    Seen seen = new Seen();
    for (int i = Math.max(0, trace.requests() - requests); i < trace.requests(); i++) {
      int id = trace.keyId(i);
      long start = System.nanoTime();
      byte[] value = cache.getIfPresent(trace.key(id));
      long took = System.nanoTime() - start;
      seen.gets++;
      if (value != null) {
        replay.check(id, trace.key(id), value, seen);
        seen.of(Outcome.HIT).recordValue(took);
      }
    }
    return seen;
  }
}
