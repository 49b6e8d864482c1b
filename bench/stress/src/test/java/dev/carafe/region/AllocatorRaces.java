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

/** Chunks that go from one thread to another: one owner, who sees all that the last one wrote. */
public final class AllocatorRaces {
  private static final int BLOCK = 16;
  private static final int PAGE = 4096;

  private AllocatorRaces() {}

  private static Region region() {
    return Region.init(BLOCK, Arena.ofAuto().allocate(BLOCK, 8), 1);
  }

  /** Of two that want the last chunk, one gets it. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "one owner")
  @Outcome(expect = Expect.FORBIDDEN, desc = "two owners, or a chunk that nobody gets")
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

  /** Of two that free a chunk, one succeeds. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "one free")
  @Outcome(expect = Expect.FORBIDDEN, desc = "freed twice, or never")
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

  /** Who takes a chunk sees all that its last owner wrote. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "taken, and all is seen")
  @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "not free yet")
  @Outcome(expect = Expect.FORBIDDEN, desc = "something of before")
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

  /** The same through the pool, past regions, size classes and magazines. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "taken, and all is seen")
  @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "full")
  @Outcome(expect = Expect.FORBIDDEN, desc = "something of before")
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
   * Two threads take from one page with two chunks; none gets the other's. One may be told that
   * there is none while the other is just making the page a region; whoever asks then makes room
   * under the pool's lock, and finds it.
   */
  @JCStressTest
  @Outcome(
      id = {"0, 1", "1, 0"},
      expect = Expect.ACCEPTABLE,
      desc = "each has one")
  @Outcome(
      id = {"-1, 0", "0, -1"},
      expect = Expect.ACCEPTABLE_INTERESTING,
      desc = "the page is on its way to the other's size class")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the same")
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
