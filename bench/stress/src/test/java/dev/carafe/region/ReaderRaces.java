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

/** Reading during retirement: a chunk with a validated hazard pointer is not reused (M1). */
public final class ReaderRaces {
  private static final int PAGE = 4096;

  private ReaderRaces() {}

  /** A pool with one chunk, which one thread reads and another retires and reuses. */
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

  /** The retiring thread issues a process-wide memory barrier, if the system has one. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "read before the reuse")
  @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "the chunk was unlinked")
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

  /** Each reader issues its own fence. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "read before the reuse")
  @Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "the chunk was unlinked")
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
