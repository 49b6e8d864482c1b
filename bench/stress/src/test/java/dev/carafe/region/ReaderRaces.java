package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.carafe.device.ProcessBarrier;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Reading against retiring: what a reader has made sure of is not used again under it (M1). */
public final class ReaderRaces {
  private static final int PAGE = 4096;

  private ReaderRaces() {}

  /** The only chunk there is: read, or retired and taken again. */
  private static final class OnlyChunk {
    private final ChunkPool pool = new ChunkPool(Arena.ofAuto().allocate(PAGE, PAGE));
    private final HazardPointers hazardPointers;
    private volatile long linked = pool.tryAlloc(PAGE);

    OnlyChunk(@Nullable Runnable processBarrier) {
      hazardPointers = new HazardPointers(pool, processBarrier);
      pool.slice(linked, 0, 16).set(JAVA_LONG, 0, 1);
      pool.slice(linked, 0, 16).set(JAVA_LONG, 8, 2);
    }

    void read(JJ_Result r) {
      long ref = linked;
      r.r1 = -1;
      r.r2 = -1;
      if (ref != ChunkRef.NONE) {
        int slot = hazardPointers.enter(ref);
        if (slot >= 0) {
          if (linked == ref) {
            r.r1 = pool.slice(ref, 0, 16).get(JAVA_LONG, 0);
            r.r2 = pool.slice(ref, 0, 16).get(JAVA_LONG, 8);
          }
          hazardPointers.exit(slot);
        }
      }
    }

    void retireAndTakeAgain() {
      long ref = linked;
      linked = ChunkRef.NONE;
      hazardPointers.retire(ref);
      long next = pool.tryAlloc(PAGE);
      if (next != ChunkRef.NONE) {
        pool.slice(next, 0, 16).set(JAVA_LONG, 0, 8);
        pool.slice(next, 0, 16).set(JAVA_LONG, 8, 9);
      }
    }
  }

  /** Whoever retires makes the fence for all, where the system can. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "read before it was used again")
  @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "found unlinked")
  @Outcome(expect = Expect.FORBIDDEN, desc = "bytes of another value")
  @State
  public static class FenceOfAll {
    private final OnlyChunk chunk = new OnlyChunk(ProcessBarrier.find());

    public FenceOfAll() {}

    @Actor
    public void reader(JJ_Result r) {
      chunk.read(r);
    }

    @Actor
    public void writer() {
      chunk.retireAndTakeAgain();
    }
  }

  /** Each reader makes its own. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "read before it was used again")
  @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "found unlinked")
  @Outcome(expect = Expect.FORBIDDEN, desc = "bytes of another value")
  @State
  public static class FenceOfEachReader {
    private final OnlyChunk chunk = new OnlyChunk(null);

    public FenceOfEachReader() {}

    @Actor
    public void reader(JJ_Result r) {
      chunk.read(r);
    }

    @Actor
    public void writer() {
      chunk.retireAndTakeAgain();
    }
  }
}
