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

/** One block taken and one given back: the newest again and again, or a random one of many. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AllocatorBench {
  static final long BYTES = 64L << 20;
  static final String MIXED = "mixed";
  private static final int SIZES = 1024;
  private static final int MIN_BYTES = 64;
  private static final int MAX_BYTES = 16 * 1024;
  private static final int WORST_OF = 10_000_000;
  private static final long WORST_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** For the benchmark's generated code. */
  public AllocatorBench() {}

  /** The allocator that all threads share. */
  @State(Scope.Benchmark)
  public static class Shared {
    /** Which one. */
    @Param({"region", "pool", "malloc", "netty", "confined", "direct"})
    public String allocator = "";

    /** How long the blocks are: a number, or mixed. */
    @Param({"4096", MIXED})
    public String bytes = "";

    Allocator made = Allocator.named("malloc", 0);

    /** For the benchmark's generated code. */
    public Shared() {}

    /** Makes it. */
    @Setup(Level.Trial)
    public void make() {
      made = Allocator.named(allocator, BYTES);
    }

    /** Gives its memory back. */
    @TearDown(Level.Trial)
    public void close() {
      made.close();
    }
  }

  /** What one thread holds, as a full region's share: nine tenths of the places are taken. */
  @State(Scope.Thread)
  public static class Mine {
    int[] sizes = new int[SIZES];
    int next;
    int random = 1;
    int places;
    Allocator.Held held = Allocator.named("malloc", 0).hold(1);

    /** For the benchmark's generated code. */
    public Mine() {}

    /** Takes nine tenths of this thread's share. */
    @Setup(Level.Trial)
    public void fill(Shared shared, ThreadParams threads) {
      SplittableRandom chance = new SplittableRandom(threads.getThreadIndex());
      long sum = 0;
      for (int i = 0; i < SIZES; i++) {
        sizes[i] =
            shared.bytes.equals(MIXED)
                ? (int) (MIN_BYTES * Math.pow((double) MAX_BYTES / MIN_BYTES, chance.nextDouble()))
                : Integer.parseInt(shared.bytes);
        sum += Math.max(sizes[i], shared.made.shortestBytes());
      }
      places = (int) (BYTES / threads.getThreadCount() / (sum / SIZES) * 9 / 10);
      random = threads.getThreadIndex() + 1;
      held = shared.made.hold(places + 1);
      for (int place = 0; place < places; place++) {
        held.take(place, size());
      }
    }

    int size() {
      return sizes[next++ & (SIZES - 1)];
    }

    int place() {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      return (int) ((Integer.toUnsignedLong(random) * places) >>> Integer.SIZE);
    }
  }

  /** The block last given back is the next that is taken. */
  @Benchmark
  public void lifo(Shared shared, Mine mine) {
    mine.held.take(mine.places, mine.size());
    mine.held.give(mine.places);
  }

  /** A random one of all that are held goes back, and another is taken in its place. */
  @Benchmark
  public void random(Shared shared, Mine mine) {
    int place = mine.place();
    mine.held.give(place);
    mine.held.take(place, mine.size());
  }

  /** The longest that one pair took. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Worst {
    /** The longest pair. */
    public long worstNanos;

    /** The longest turn of the same loop with nothing in it: what the machine adds. */
    public long idleNanos;

    /** For the benchmark's generated code. */
    public Worst() {}
  }

  /** Ten million pairs, each timed; of a slow allocator as many as three seconds allow. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  public void worst(Shared shared, Mine mine, Worst worst) {
    worst.worstNanos = worst.idleNanos = 0;
    long begun = System.nanoTime();
    long end = begun;
    for (int i = 0; i < WORST_OF && end - begun < WORST_WITHIN_NANOS; i++) {
      long start = System.nanoTime();
      lifo(shared, mine);
      end = System.nanoTime();
      worst.worstNanos = Math.max(worst.worstNanos, end - start);
      worst.idleNanos = Math.max(worst.idleNanos, System.nanoTime() - end);
    }
  }
}
