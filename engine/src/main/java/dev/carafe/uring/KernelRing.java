package dev.carafe.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.carafe.base.Bits;
import dev.carafe.base.Limits;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One io_uring of the kernel with one registered file: its two queues, and the operations that it
 * has. Used by one thread at a time, which owns it; so it needs no lock.
 *
 * <p>Proved by {@code RingTest} and {@code RefusingKernelTest}.
 */
final class KernelRing implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final int ATTEMPTS = 1000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final int fd;
  private final UringAbi.Mapping mapping;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;
  private final MemorySegment callState = UringAbi.newCallState();
  private final InFlightOps ops;
  private final long[] reapedData;
  private final int[] reapedResults;
  private int inFlight;

  private KernelRing(int fd, UringAbi.Mapping mapping, MemorySegment params) {
    this.fd = fd;
    this.mapping = mapping;
    this.submissions = new SubmissionQueue(mapping, params);
    this.completions = new CompletionQueue(mapping, params);
    this.ops = new InFlightOps(submissions.entries());
    this.reapedData = new long[completions.entries()];
    this.reapedResults = new int[completions.entries()];
  }

  /** A ring, or why there is none. */
  sealed interface Opened {
    /** A ring, to be closed. */
    record Ready(KernelRing ring) implements Opened {}

    /** No ring: the error number and the reason. */
    record Refused(int errno, String reason) implements Opened {}
  }

  /**
   * Asks the kernel for a ring.
   *
   * @param entries how many operations may be under way
   * @param file the descriptor that all operations are for
   * @param flagChoices setup flags, most wanted first; an older kernel refuses what it does not
   *     know
   */
  static Opened open(int entries, int file, List<Integer> flagChoices) {
    int fd = -Errno.EINVAL;
    MemorySegment params = UringAbi.newParams();
    for (int i = 0; i < flagChoices.size() && fd == -Errno.EINVAL; i++) {
      params = UringAbi.newParams();
      int flags = flagChoices.get(i) | UringAbi.SETUP_CLAMP;
      params.set(JAVA_INT, UringAbi.offset(UringAbi.PARAMS, "flags"), flags);
      fd = UringAbi.setup(entries, params);
    }
    if (fd < 0) {
      return new Opened.Refused(-fd, RingProbe.setupRefused(-fd));
    }
    UringAbi.Mapping mapping = null;
    boolean ready = false;
    try {
      mapping = UringAbi.map(fd, params);
      KernelRing ring = new KernelRing(fd, mapping, params);
      int registered = UringAbi.registerFile(fd, file);
      ready = registered >= 0;
      return ready
          ? new Opened.Ready(ring)
          : new Opened.Refused(-registered, RingProbe.fileRegistrationRefused(-registered));
    } catch (OutOfMemoryError e) {
      ready = false;
      return new Opened.Refused(Errno.ENOMEM, RingProbe.setupRefused(Errno.ENOMEM));
    } finally {
      if (!ready) {
        release(fd, mapping);
      }
    }
  }

  private static void release(int fd, UringAbi.@Nullable Mapping mapping) {
    try {
      if (mapping != null) {
        mapping.unmap();
      }
    } finally {
      var _ = Libc.close(fd);
    }
  }

  /** Registers memory; returns 0 or the negated errno. */
  int register(List<MemorySegment> buffers) {
    int result = UringAbi.registerBuffers(fd, buffers);
    if (result >= 0) {
      submissions.fixed(new FixedBuffers(buffers));
    }
    return result;
  }

  /**
   * Shares what another ring has registered; a kernel that can't share (before Linux 6.12) gets it
   * registered once more, and if it may not lock that much, transfers are plain.
   */
  void shareBuffers(KernelRing other, List<MemorySegment> buffers) {
    if (buffers.isEmpty()) {
      return;
    }
    if (UringAbi.cloneBuffers(fd, other.fd) >= 0) {
      submissions.fixed(other.submissions.fixed());
    } else {
      var _ = register(buffers);
    }
  }

  FixedBuffers fixed() {
    return submissions.fixed();
  }

  /** What is mapped of it. */
  long memoryBytes() {
    long queues = mapping.sq().byteSize();
    queues += mapping.sq().address() == mapping.cq().address() ? 0 : mapping.cq().byteSize();
    return Bits.roundUp(queues, Limits.PAGE_BYTES)
        + Bits.roundUp(mapping.sqes().byteSize(), Limits.PAGE_BYTES);
  }

  int entries() {
    return submissions.entries();
  }

  int inFlight() {
    return inFlight;
  }

  /**
   * Starts an operation with the next {@link #enter}. There is a free entry. Throws nothing: an
   * operation that can't be described, since there is no memory, is refused.
   *
   * @param ended gets it then; has room
   */
  void prepare(RingOp op, List<RingOp> ended) {
    long userData = ops.add(op);
    inFlight++;
    prepareEntry(op, userData, ended);
  }

  private void prepareEntry(RingOp op, long userData, List<RingOp> ended) {
    int before = submissions.position();
    try {
      op.prepare(submissions, userData);
    } catch (Throwable e) {
      submissions.rewind(before);
      op.refusalErrno = Errno.ENOMEM;
      finish(op, userData, ended);
    }
  }

  private void finish(RingOp op, long userData, List<RingOp> ended) {
    ops.remove(userData);
    inFlight--;
    ended.add(op);
  }

  /** Starts a read of another descriptor with the next {@link #enter}; it has no operation. */
  void prepareRead(int otherFile, MemorySegment memory, long userData) {
    submissions.readDescriptor(otherFile, memory, userData);
  }

  /**
   * Hands what was prepared to the kernel and waits, in one system call, until so many operations
   * have ended. It may return earlier.
   *
   * @return 0; an errno if the kernel refuses, and then what it has not taken is to be withdrawn
   */
  int enter(int wanted) {
    submissions.publish();
    for (int attempt = 0; ; attempt++) {
      int result =
          UringAbi.enter(
              callState, fd, submissions.unsubmitted(), wanted, UringAbi.ENTER_GETEVENTS);
      boolean again = result == -Errno.EAGAIN || result == -Errno.EBUSY || result == -Errno.EINTR;
      if (result < 0 && (!again || attempt == ATTEMPTS)) {
        return -result;
      }
      if (submissions.unsubmitted() == 0) {
        return 0;
      }
      if (again) {
        Thread.yield();
      }
    }
  }

  /**
   * After a refusal: takes back what the kernel has not taken, then lets some time pass if it has
   * others. Those end by themselves, and their completions come without a call of {@link #enter}.
   *
   * @param errno why
   * @param ended gets the operations, refused
   * @param otherUserData see {@link #reap}
   * @return whether a foreign one was taken back
   */
  boolean withdraw(int errno, List<RingOp> ended, long otherUserData) {
    boolean seen = false;
    while (submissions.unsubmitted() > 0) {
      long userData = submissions.withdrawNewest();
      if (userData == otherUserData) {
        seen = true;
      } else {
        RingOp op = ops.get(userData);
        op.refusalErrno = errno;
        finish(op, userData, ended);
      }
    }
    if (inFlight > 0) {
      pause();
    }
    return seen;
  }

  /** About a millisecond, in the kernel, where completions are delivered to this thread. */
  static void pause() {
    Thread.yield(); // if an interrupt is pending, the next does nothing
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  /**
   * Takes what has ended; what is not done yet is prepared again.
   *
   * @param ended gets those that are done; has room
   * @param otherUserData completions of {@link #prepareRead} bear it
   * @return whether there was a foreign one
   */
  boolean reap(List<RingOp> ended, long otherUserData) {
    boolean seen = false;
    int count = completions.reap(reapedData, reapedResults);
    for (int i = 0; i < count; i++) {
      if (reapedData[i] == otherUserData) {
        seen = true;
      } else {
        handleCompletion(reapedData[i], reapedResults[i], ended);
      }
    }
    return seen;
  }

  /** Whatever the operation throws, the completions behind its own must not be lost. */
  private void handleCompletion(long userData, int result, List<RingOp> ended) {
    RingOp op;
    try {
      op = ops.get(userData);
    } catch (IllegalStateException e) {
      LOG.log(Level.ERROR, "a completion belongs to no operation", e);
      return;
    }
    boolean done;
    try {
      done = op.onResult(result);
    } catch (Throwable e) {
      done = true; // it has no outcome, and will say so
    }
    if (done) {
      finish(op, userData, ended);
    } else {
      prepareEntry(op, userData, ended);
    }
  }

  /** Gives the ring back. Nothing is in flight. */
  @Override
  public void close() {
    release(fd, mapping);
  }
}
