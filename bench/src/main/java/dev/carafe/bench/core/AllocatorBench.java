package dev.carafe.bench.core;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/** Allocates and frees one block: the block freed last, or a random one of many. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AllocatorBench {
  static final long BYTES = 64L << 20;
  static final String MIXED = "mixed";
  private static final int SIZES = 1024;
  private static final int MIN_BYTES = 64;
  private static final int MAX_BYTES = 16 * 1024;
  private static final int MAX_PAIRS = 10_000_000;
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** For the code that JMH generates. */
  public AllocatorBench() {}

  /** The allocator that all threads share. */
  @State(Scope.Benchmark)
  public static class SharedAllocator {
    /** The name of the allocator. */
    @Param({"region", "pool", "malloc", "netty", "confined", "direct"})
    public String allocator = "";

    /** The block size: a number of bytes, or mixed. */
    @Param({"4096", MIXED})
    public String bytes = "";

    Allocator instance = Allocator.create("malloc", 0);

    /** For the code that JMH generates. */
    public SharedAllocator() {}

    /** Creates the allocator. */
    @Setup(Level.Trial)
    public void create() {
      instance = Allocator.create(allocator, BYTES);
    }

    /** Frees the memory of the allocator. */
    @TearDown(Level.Trial)
    public void close() {
      instance.close();
    }
  }

  /**
   * The blocks of one thread: eight tenths of its share of the memory. With nine tenths of mixed
   * lengths, the pool's rounding leaves no page, and the benchmark measures allocations that fail.
   */
  @State(Scope.Thread)
  public static class ThreadBlocks {
    int[] sizes = new int[SIZES];
    int next;
    int random = 1;
    int count;
    Allocator.Blocks blocks = Allocator.create("malloc", 0).blocks(1);

    /** For the code that JMH generates. */
    public ThreadBlocks() {}

    /** Allocates eight tenths of the thread's share of the memory. */
    @Setup(Level.Trial)
    public void fill(SharedAllocator shared, ThreadParams threads) {
      SplittableRandom chance = new SplittableRandom(threads.getThreadIndex());
      long sum = 0;
      for (int i = 0; i < SIZES; i++) {
        sizes[i] =
            shared.bytes.equals(MIXED)
                ? (int) (MIN_BYTES * Math.pow((double) MAX_BYTES / MIN_BYTES, chance.nextDouble()))
                : Integer.parseInt(shared.bytes);
        sum += Math.max(sizes[i], shared.instance.minBlockBytes());
      }
      count = (int) (BYTES / threads.getThreadCount() / (sum / SIZES) * 8 / 10);
      random = threads.getThreadIndex() + 1;
      blocks = shared.instance.blocks(count + 1);
      for (int index = 0; index < count; index++) {
        blocks.allocate(index, size());
      }
    }

    int size() {
      return sizes[next++ & (SIZES - 1)];
    }

    int index() {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      return (int) ((Integer.toUnsignedLong(random) * count) >>> Integer.SIZE);
    }
  }

  /** Allocates and frees one block in last-in, first-out order. */
  @Benchmark
  public void lifo(SharedAllocator shared, ThreadBlocks mine) {
    mine.blocks.allocate(mine.count, mine.size());
    mine.blocks.free(mine.count);
  }

  /** Frees a random block and allocates another one. */
  @Benchmark
  public void random(SharedAllocator shared, ThreadBlocks mine) {
    int index = mine.index();
    mine.blocks.free(index);
    mine.blocks.allocate(index, mine.size());
  }

  /** The longest pair of allocate and free. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class LongestPair {
    /** The longest pair, in ns. */
    public long worstNanos;

    /** The longest iteration of the same loop without a pair, in ns: the share of the machine. */
    public long idleNanos;

    /** For the code that JMH generates. */
    public LongestPair() {}
  }

  /** Times each of ten million pairs, or of as many as fit into three seconds. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  public void worst(SharedAllocator shared, ThreadBlocks mine, LongestPair worst) {
    worst.worstNanos = worst.idleNanos = 0;
    long begun = System.nanoTime();
    long end = begun;
    for (int i = 0; i < MAX_PAIRS && end - begun < MAX_NANOS; i++) {
      long start = System.nanoTime();
      lifo(shared, mine);
      end = System.nanoTime();
      worst.worstNanos = Math.max(worst.worstNanos, end - start);
      worst.idleNanos = Math.max(worst.idleNanos, System.nanoTime() - end);
    }
  }
}
