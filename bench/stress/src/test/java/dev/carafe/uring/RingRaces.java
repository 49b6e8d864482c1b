package dev.carafe.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Heads and tails of the queues shared with the kernel. One actor simulates the kernel. */
public final class RingRaces {
  private static final long USER_DATA = UringAbi.offset(UringAbi.SQE, "user_data");
  private static final int HEAD = 0;
  private static final int TAIL = 4;
  private static final int ARRAY = 64;
  private static final int CQES = 64;

  private RingRaces() {}

  /** Memory with the layout of io_uring queues of one entry. */
  private static final class Queues {
    final MemorySegment params = UringAbi.newParams();
    final UringAbi.Mapping mapping;

    Queues(int completed) {
      MemorySegment all = Arena.ofAuto().allocate(3 * 256L, 64);
      this.mapping =
          new UringAbi.Mapping(all.asSlice(0, 256), all.asSlice(256, 256), all.asSlice(512, 256));
      for (String queue : new String[] {"sq", "cq"}) {
        param(1, queue + "_entries");
        param(HEAD, queue + "_off", "head");
        param(TAIL, queue + "_off", "tail");
      }
      param(ARRAY, "sq_off", "array");
      param(CQES, "cq_off", "cqes");
      mapping.cq().set(JAVA_INT, TAIL, completed);
    }

    private void param(int value, String... path) {
      params.set(JAVA_INT, UringAbi.offset(UringAbi.PARAMS, path), value);
    }
  }

  /** A kernel that reads the new tail reads the complete entry. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 42"},
      expect = Expect.ACCEPTABLE,
      desc = "no entry, or a complete entry")
  @Outcome(expect = Expect.FORBIDDEN, desc = "an entry before it is written")
  @State
  public static class Submitting {
    private final Queues queues = new Queues(0);
    private final SubmissionQueue queue = new SubmissionQueue(queues.mapping, queues.params);

    @Actor
    public void engine() {
      queue.command(UringAbi.OP_NOP, 0, 42);
      queue.publish();
    }

    @Actor
    public void kernel(JJ_Result r) {
      r.r1 = (int) UringAbi.INT.getAcquire(queues.mapping.sq(), (long) TAIL);
      r.r2 = r.r1 == 0 ? 0 : queues.mapping.sqes().get(JAVA_LONG, USER_DATA);
    }
  }

  /** A reaped completion is complete. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "42, 7"},
      expect = Expect.ACCEPTABLE,
      desc = "no completion, or a complete one")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a partial completion")
  @State
  public static class Completing {
    private final Queues queues = new Queues(0);
    private final CompletionQueue queue = new CompletionQueue(queues.mapping, queues.params);
    private final long[] userData = new long[1];
    private final int[] results = new int[1];

    @Actor
    public void kernel() {
      MemorySegment cq = queues.mapping.cq();
      cq.set(JAVA_INT, CQES + 8L, 7);
      cq.set(JAVA_LONG, CQES, 42);
      UringAbi.INT.setRelease(cq, (long) TAIL, 1);
    }

    @Actor
    public void reaper(JJ_Result r) {
      int count = queue.reap(userData, results);
      r.r1 = count == 0 ? 0 : userData[0];
      r.r2 = count == 0 ? 0 : results[0];
    }
  }

  /** The kernel overwrites a completion only after it is reaped. */
  @JCStressTest
  @Outcome(id = "42, 7", expect = Expect.ACCEPTABLE, desc = "the first completion, complete")
  @Outcome(expect = Expect.FORBIDDEN, desc = "overwritten during the read")
  @State
  public static class UsedAgain {
    private final Queues queues = new Queues(1);
    private final CompletionQueue queue = new CompletionQueue(queues.mapping, queues.params);
    private final long[] userData = new long[1];
    private final int[] results = new int[1];

    public UsedAgain() {
      queues.mapping.cq().set(JAVA_LONG, CQES, 42);
      queues.mapping.cq().set(JAVA_INT, CQES + 8L, 7);
    }

    @Actor
    public void kernel() {
      MemorySegment cq = queues.mapping.cq();
      if ((int) UringAbi.INT.getAcquire(cq, (long) HEAD) == 1) {
        cq.set(JAVA_LONG, CQES, 99);
        cq.set(JAVA_INT, CQES + 8L, 98);
        UringAbi.INT.setRelease(cq, (long) TAIL, 2);
      }
    }

    @Actor
    public void reaper(JJ_Result r) {
      int count = queue.reap(userData, results);
      r.r1 = count == 0 ? 0 : userData[0];
      r.r2 = count == 0 ? 0 : results[0];
    }
  }
}
