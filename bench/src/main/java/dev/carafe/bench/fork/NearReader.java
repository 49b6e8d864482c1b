package dev.carafe.bench.fork;

import dev.carafe.bench.Zipf;
import dev.carafe.contenders.near.NearClient;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes of one process, one after another. Each key is written by one process only, so
 * that the versions of its values grow, and a read that returns an older version than an earlier
 * read of this process is noticed.
 */
final class NearReader {
  private static final double SKEW = 0.9;
  private static final int WRITE_EVERY = 33;
  private static final int WINDOWS = 100;
  private static final int MOST_LAPS = 6;
  private static final double IDLE_JIT_SHARE = 0.1;

  /** Seeds of the laps of a warm-up differ by more than the seeds of a run. */
  private static final long SEEDS = 1_000_000_007;

  private static final int COMPARED_KEYS = 5000;
  private static final long MAX_RECORDED_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** How long a value may be older than the server's after the last write. */
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final NearClient client;
  private final Cell cell;
  private final int values;
  private final int[] keys;
  private final byte[] random;

  /** The latest version that was read or written here, by key. */
  private final long[] seen;

  private final Histogram reads = new Histogram(MAX_RECORDED_NANOS, 3);

  /** Reads of the first window. */
  private final Histogram early = new Histogram(MAX_RECORDED_NANOS, 3);

  private final Counts counts = new Counts();
  private long version;

  /** What the reads returned. */
  private static final class Counts {
    long wrong;
    long older;
    long writes;
  }

  NearReader(NearClient client, Cell cell) {
    this.client = client;
    this.cell = cell;
    this.values = cell.count("values");
    this.keys = new Zipf(values, SKEW).keys(cell.count("requests"), cell.number("seed"));
    this.random = Stamp.randomValue(cell.count("valueBytes"), cell.number("seed"));
    this.seen = new long[values];
    this.version = cell.number("version");
    for (int key = 0; key < values && cell.has("changedStep"); key += cell.count("changedStep")) {
      seen[key] = cell.number("changedVersion");
    }
  }

  /** Fills the near cache, and runs requests until the JIT compiler is almost idle. */
  Map<String, Object> warmUp() {
    Figures figures = Figures.start("warmup");
    client.preload(values);
    Zipf popularity = new Zipf(values, SKEW);
    long operations = 0;
    double jitShare = 1;
    for (int lap = 1; lap <= MOST_LAPS && jitShare > IDLE_JIT_SHARE; lap++) {
      long start = System.nanoTime();
      long jitBefore = ProcessFigures.jitMillis();
      for (int key : popularity.keys(cell.count("warmUp"), cell.number("seed") - SEEDS * lap)) {
        operate(operations++, key);
      }
      jitShare = (ProcessFigures.jitMillis() - jitBefore) * 1e6 / (System.nanoTime() - start);
    }
    return count(figures).put("jitShare", jitShare).end(operations);
  }

  /** Runs the requests. */
  Map<String, Object> run(String phase) {
    reads.reset();
    long[] near = new long[WINDOWS];
    long[] confirmed = new long[WINDOWS];
    long[] windowReads = new long[WINDOWS];
    Figures figures = Figures.start(phase);
    int from = 0;
    for (int window = 0; window < WINDOWS; window++) {
      int to = (int) ((window + 1L) * keys.length / WINDOWS);
      long writesBefore = counts.writes;
      long nearBefore = client.nearHits();
      long confirmedBefore = client.confirmedHits();
      for (int i = from; i < to; i++) {
        operate(i, keys[i]);
      }
      near[window] = client.nearHits() - nearBefore;
      confirmed[window] = client.confirmedHits() - confirmedBefore;
      windowReads[window] = to - from - (counts.writes - writesBefore);
      if (window == 0) {
        early.add(reads);
      }
      from = to;
    }
    long all = LongStream.of(windowReads).sum();
    figures.put("reads", all).put("nearHits", LongStream.of(near).sum());
    figures.put("nearRatio", (double) LongStream.of(near).sum() / all);
    figures.put("nearRatios", ratios(near, windowReads));
    figures.put("confirmedRatios", ratios(confirmed, windowReads));
    figures.put("getMicros", Latency.percentiles(reads));
    figures.put("earlyGetMicros", Latency.percentiles(early));
    figures.put("peakRssBytes", ProcessFigures.peakRssBytes());
    return count(figures).end(keys.length);
  }

  /**
   * Compares values with the server, after the last write of all processes. A value that is still
   * older after {@link #SETTLE_NANOS} stays older.
   */
  Map<String, Object> compareWithServer() {
    Figures figures = Figures.start("compared");
    int[] compared = IntStream.of(keys).distinct().limit(COMPARED_KEYS).toArray();
    long deadline = System.nanoTime() + SETTLE_NANOS;
    long stale = 0;
    for (int key : compared) {
      while (isBehindServer(key)) {
        if (System.nanoTime() - deadline > 0) {
          stale++;
          break;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
    }
    figures.put("compared", (long) compared.length).put("stale", stale);
    return count(figures).end(compared.length);
  }

  private boolean isBehindServer(int key) {
    byte[] server = client.getFromServer(key);
    return !Arrays.equals(server, client.get(key));
  }

  private void operate(long number, int key) {
    if (number % WRITE_EVERY == 0) {
      write(key - key % cell.count("processes") + cell.count("process"));
    } else {
      long before = System.nanoTime();
      byte[] value = client.get(key);
      reads.recordValue(Math.min(MAX_RECORDED_NANOS, System.nanoTime() - before));
      check(key, value);
    }
  }

  private void write(int key) {
    byte[] value = random.clone();
    Stamp.writeWithChecksum(value, value.length, key, ++version);
    client.put(key, value);
    seen[key] = version;
    counts.writes++;
  }

  private void check(int key, byte @Nullable [] value) {
    if (value == null || !Stamp.isValid(value, value.length, key)) {
      counts.wrong++;
    } else if (Stamp.version(value) < seen[key]) {
      counts.older++;
    } else {
      seen[key] = Stamp.version(value);
    }
  }

  private Figures count(Figures figures) {
    return figures
        .put("wrong", counts.wrong)
        .put("older", counts.older)
        .put("writes", counts.writes);
  }

  private static List<Double> ratios(long[] hits, long[] reads) {
    return IntStream.range(0, WINDOWS)
        .mapToObj(i -> reads[i] == 0 ? 0.0 : (double) hits[i] / reads[i])
        .toList();
  }
}
