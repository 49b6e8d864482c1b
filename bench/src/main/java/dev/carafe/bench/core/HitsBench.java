package dev.carafe.bench.core;

import dev.carafe.bench.Zipf;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/** Hits in memory. The keys follow a Zipf distribution over all entries. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
public class HitsBench {
  private static final int SAMPLES = 1 << 20;
  private static final int BATCH = 16;
  private static final double SKEW = 0.99;

  /** For the code that JMH generates. */
  public HitsBench() {}

  /** The cache that all threads share. */
  @State(Scope.Benchmark)
  public static class SharedCache {
    /** The name of the cache. */
    @Param({"carafe", "caffeine", "chm"})
    public String cache = "";

    /** The length of each value in bytes. */
    @Param({"100", "1024", "16384"})
    public int bytes;

    /** The total size of all values in MiB. */
    @Param("1024")
    public int mebibytes;

    Reads reads = Reads.create("chm", 1, 1);
    int entries;
    Zipf zipf = new Zipf(1, SKEW);
    final Long hot = boxed(0);

    /** For the code that JMH generates. */
    public SharedCache() {}

    /** Fills the cache. */
    @Setup(Level.Trial)
    public void fill() {
      entries = (int) (((long) mebibytes << 20) / bytes);
      zipf = new Zipf(entries, SKEW);
      reads = Reads.create(cache, entries, bytes);
      byte[] value = new byte[bytes];
      for (int i = 0; i < entries; i++) {
        value[0] = (byte) i;
        reads.put(boxed(i), value);
      }
      System.gc();
    }

    /** Frees the memory of the cache. */
    @TearDown(Level.Trial)
    public void close() {
      reads.close();
    }
  }

  /** The keys of one thread in request order, so that key lookup causes no cache misses. */
  @State(Scope.Thread)
  public static class ThreadKeys {
    Long[] keys = {};
    List<Long> keysInOrder = List.of();
    Reads.Reader reader = new Reads.Reader(0);
    int next;

    /** For the code that JMH generates. */
    public ThreadKeys() {}

    /** Draws the keys. */
    @Setup(Level.Trial)
    public void draw(SharedCache shared, ThreadParams threads) {
      int[] drawn = shared.zipf.keys(SAMPLES, threads.getThreadIndex());
      keys = new Long[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        keys[i] = boxed(drawn[i]);
      }
      keysInOrder = Arrays.asList(keys);
      reader = new Reads.Reader(shared.bytes);
    }

    List<Long> keys() {
      int from = next & (SAMPLES - 1);
      next += BATCH;
      return keysInOrder.subList(from, from + BATCH);
    }

    Long key() {
      return keys[next++ & (SAMPLES - 1)];
    }
  }

  /** Returns a separate object for each key, as in an application. */
  static Long boxed(long key) {
    return (Long) (key + 1_000); // outside the range of Long's box cache
  }

  /** Copies the value into the caller's array. */
  @Benchmark
  public int copy(SharedCache shared, ThreadKeys mine) {
    return shared.reads.copy(mine.key(), mine.reader);
  }

  /** Reads the value in place. */
  @Benchmark
  public int scoped(SharedCache shared, ThreadKeys mine) {
    return shared.reads.scoped(mine.key());
  }

  /** Decodes the value into a new array. */
  @Benchmark
  public byte[] decoded(SharedCache shared, ThreadKeys mine) {
    return shared.reads.decoded(mine.key());
  }

  /** Decodes the values of many keys into new arrays by one call. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int batch(SharedCache shared, ThreadKeys mine) {
    return shared.reads.batch(mine.keys());
  }

  /** Reads the same key from all threads. */
  @Benchmark
  public int hot(SharedCache shared) {
    return shared.reads.scoped(shared.hot);
  }
}
