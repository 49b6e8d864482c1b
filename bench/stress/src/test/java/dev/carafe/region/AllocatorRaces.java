package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Chunks that pass between threads: one owner at a time, who sees all writes of the last one. */
public final class AllocatorRaces {
  private static final int BLOCK = 16;
  private static final int PAGE = 4096;

  private AllocatorRaces() {}

  private static Region region() {
    return Region.init(BLOCK, Arena.ofAuto().allocate(BLOCK, 8), 1);
  }

  /** Two threads allocate the last chunk; one succeeds. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "one owner")
  @Outcome(expect = Expect.FORBIDDEN, desc = "two owners, or none")
  @State
  public static class TheLastChunk {
    private final Region region = region();

    @Actor
    public void first(II_Result r) {
      r.r1 = region.allocSlot() == Region.NO_SLOT ? 0 : 1;
    }

    @Actor
    public void second(II_Result r) {
      r.r2 = region.allocSlot() == Region.NO_SLOT ? 0 : 1;
    }
  }

  /** Two threads free a chunk; one succeeds. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "one free")
  @Outcome(expect = Expect.FORBIDDEN, desc = "freed twice, or not at all")
  @State
  public static class TwoFrees {
    private final Region region = region();
    private final Chunk chunk = region.alloc();

    private int free() {
      try {
        region.free(chunk);
        return 1;
      } catch (IllegalStateException e) {
        return 0;
      }
    }

    @Actor
    public void first(II_Result r) {
      r.r1 = free();
    }

    @Actor
    public void second(II_Result r) {
      r.r2 = free();
    }
  }

  /** The new owner of a chunk sees all writes of the last owner. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "allocated, all writes visible")
  @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "not free yet")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a value from before the writes")
  @State
  public static class FreedAndTaken {
    private final Region region = region();
    private final Chunk chunk = region.alloc();

    @Actor
    public void owner() {
      chunk.toSegment().set(JAVA_LONG, 0, 1);
      chunk.toSegment().set(JAVA_LONG, 8, 2);
      region.free(chunk);
    }

    @Actor
    public void next(JJ_Result r) {
      Chunk mine = region.tryAlloc();
      r.r2 = mine == null ? -1 : mine.toSegment().get(JAVA_LONG, 8);
      r.r1 = mine == null ? -1 : mine.toSegment().get(JAVA_LONG, 0);
    }
  }

  /** As {@link FreedAndTaken}, through the pool with its regions, size classes and magazines. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "allocated, all writes visible")
  @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "the pool is full")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a value from before the writes")
  @State
  public static class ThroughThePool {
    private final ChunkPool pool = new ChunkPool(Arena.ofAuto().allocate(PAGE, PAGE));
    private final long ref = pool.tryAlloc(PAGE);

    @Actor
    public void owner() {
      pool.slice(ref, 0, 16).set(JAVA_LONG, 0, 1);
      pool.slice(ref, 0, 16).set(JAVA_LONG, 8, 2);
      pool.free(ref);
    }

    @Actor
    public void next(JJ_Result r) {
      long mine = pool.tryAlloc(PAGE);
      r.r2 = mine == ChunkRef.NONE ? -1 : pool.slice(mine, 0, 16).get(JAVA_LONG, 8);
      r.r1 = mine == ChunkRef.NONE ? -1 : pool.slice(mine, 0, 16).get(JAVA_LONG, 0);
    }
  }

  /**
   * Two threads allocate from one page with two chunks and get different chunks. An allocation can
   * fail while the other thread assigns the page to the size class. The engine then retries under
   * the pool's lock.
   */
  @JCStressTest
  @Outcome(
      id = {"0, 1", "1, 0"},
      expect = Expect.ACCEPTABLE,
      desc = "each thread has one")
  @Outcome(
      id = {"-1, 0", "0, -1"},
      expect = Expect.ACCEPTABLE_INTERESTING,
      desc = "the other thread is assigning the page to the size class")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both threads have the same chunk")
  @State
  public static class TwoFromThePool {
    private final ChunkPool pool = new ChunkPool(Arena.ofAuto().allocate(PAGE, PAGE));

    private int take() {
      long ref = pool.tryAlloc(PAGE / 2);
      return ref == ChunkRef.NONE ? -1 : (int) (pool.offset(ref) / (PAGE / 2));
    }

    @Actor
    public void first(II_Result r) {
      r.r1 = take();
    }

    @Actor
    public void second(II_Result r) {
      r.r2 = take();
    }
  }
}
