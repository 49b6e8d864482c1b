package dev.carafe.bench.core;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
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

/** Reads that find their value in memory, by a Zipf distribution over all that is held. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
public class HitsBench {
  private static final int SAMPLES = 1 << 20;
  private static final int BATCH = 16;
  private static final double SKEW = 0.99;

  /** For the benchmark's generated code. */
  public HitsBench() {}

  /** The cache that all threads share. */
  @State(Scope.Benchmark)
  public static class Shared {
    /** Which one. */
    @Param({"carafe", "caffeine", "chm"})
    public String cache = "";

    /** How long the values are. */
    @Param({"100", "1024", "16384"})
    public int bytes;

    /** How much they are together. */
    @Param("1024")
    public int mebibytes;

    Reads reads = Reads.named("chm", 1, 1);
    int entries;
    Zipf zipf = new Zipf(1, SKEW);
    final Long hot = boxed(0);

    /** For the benchmark's generated code. */
    public Shared() {}

    /** Fills it. */
    @Setup(Level.Trial)
    public void fill() {
      entries = (int) (((long) mebibytes << 20) / bytes);
      zipf = new Zipf(entries, SKEW);
      reads = Reads.named(cache, entries, bytes);
      byte[] value = new byte[bytes];
      for (int i = 0; i < entries; i++) {
        value[0] = (byte) i;
        reads.put(boxed(i), value);
      }
      System.gc();
    }

    /** Gives its memory back. */
    @TearDown(Level.Trial)
    public void close() {
      reads.close();
    }
  }

  /** Keys in the order in which one thread asks for them, so that asking touches no far memory. */
  @State(Scope.Thread)
  public static class Mine {
    Long[] keys = {};
    List<Long> keysInOrder = List.of();
    Reads.Reader reader = new Reads.Reader(0);
    int next;

    /** For the benchmark's generated code. */
    public Mine() {}

    /** Draws them. */
    @Setup(Level.Trial)
    public void draw(Shared shared, ThreadParams threads) {
      SplittableRandom random = new SplittableRandom(threads.getThreadIndex());
      keys = new Long[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        keys[i] = boxed(scrambled(shared.zipf.next(random), shared.entries));
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

  /** An object of its own, as a key has in an application. */
  static Long boxed(long key) {
    return (Long) (key + 1_000); // beyond the boxes that Java shares
  }

  /** Neighbours in rank are not neighbours in the order of filling. */
  private static long scrambled(int rank, int entries) {
    return rank * 2_654_435_761L % entries; // a prime
  }

  /** Into the caller's array. */
  @Benchmark
  public int copy(Shared shared, Mine mine) {
    return shared.reads.copy(mine.key(), mine.reader);
  }

  /** Where it lies. */
  @Benchmark
  public int scoped(Shared shared, Mine mine) {
    return shared.reads.scoped(mine.key());
  }

  /** As an array of the caller's own. */
  @Benchmark
  public byte[] decoded(Shared shared, Mine mine) {
    return shared.reads.decoded(mine.key());
  }

  /** As arrays of the caller's own, of many keys by one call. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int batch(Shared shared, Mine mine) {
    return shared.reads.batch(mine.keys());
  }

  /** All threads the same key. */
  @Benchmark
  public int hot(Shared shared) {
    return shared.reads.scoped(shared.hot);
  }
}
