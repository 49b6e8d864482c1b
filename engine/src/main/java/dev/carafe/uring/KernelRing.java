package dev.carafe.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.carafe.base.Bits;
import dev.carafe.base.Limits;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One io_uring of the kernel with one registered file: its two queues, and the operations that it
 * has. Used by one thread at a time, which owns it; so it needs no lock.
 */
final class KernelRing implements AutoCloseable {
  private static final int ATTEMPTS = 1000;

  private final int fd;
  private final UringAbi.Mapping mapping;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;
  private final MemorySegment callState = UringAbi.newCallState();
  private final OpSlots slots;
  private final long[] reapedData;
  private final int[] reapedResults;
  private int inFlight;

  private KernelRing(int fd, MemorySegment params) {
    this.fd = fd;
    this.mapping = UringAbi.map(fd, params);
    this.submissions = new SubmissionQueue(mapping, params);
    this.completions = new CompletionQueue(mapping, params);
    this.slots = new OpSlots(submissions.entries());
    this.reapedData = new long[completions.entries()];
    this.reapedResults = new int[completions.entries()];
  }

  /** A ring, or why there is none. */
  sealed interface Opened {
    /** A ring, to be closed. */
    record Ready(KernelRing ring) implements Opened {}

    /** None, and why. */
    record Refused(String reason) implements Opened {}
  }

  /**
   * Asks the kernel for a ring.
   *
   * @param entries how many operations may be under way
   * @param file the descriptor that all operations are for
   * @param wishes setup flags, most wanted first; an older kernel refuses what it does not know
   */
  static Opened open(int entries, int file, List<Integer> wishes) {
    int fd = -Errno.EINVAL;
    MemorySegment params = UringAbi.newParams();
    for (int i = 0; i < wishes.size() && fd == -Errno.EINVAL; i++) {
      params = UringAbi.newParams();
      int flags = wishes.get(i) | UringAbi.SETUP_CLAMP;
      params.set(JAVA_INT, UringAbi.offset(UringAbi.PARAMS, "flags"), flags);
      fd = UringAbi.setup(entries, params);
    }
    if (fd < 0) {
      return new Opened.Refused(RingProbe.whyNoRing(-fd));
    }
    KernelRing ring;
    try {
      ring = new KernelRing(fd, params);
    } catch (OutOfMemoryError e) {
      var _ = Libc.close(fd);
      return new Opened.Refused(RingProbe.whyNoRing(Errno.ENOMEM));
    }
    int registered = UringAbi.registerFile(fd, file);
    if (registered < 0) {
      ring.close();
      return new Opened.Refused(
          "no io_uring: registering the file said " + Errno.words(-registered));
    }
    return new Opened.Ready(ring);
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
  void share(KernelRing other, List<MemorySegment> buffers) {
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

  /** Makes a ring that was set up disabled this thread's. */
  void enable() {
    int result = UringAbi.enable(fd);
    if (result < 0) {
      throw new IllegalStateException("a ring can't be enabled: " + Errno.words(-result));
    }
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

  /** Starts an operation with the next {@link #enter}. There is a free entry. */
  void prepare(RingOp op) {
    op.prepare(submissions, slots.put(op));
    inFlight++;
  }

  /** Starts a read of another descriptor with the next {@link #enter}; it has no operation. */
  void prepareRead(int otherFile, MemorySegment memory, long userData) {
    submissions.readOther(otherFile, memory, userData);
  }

  /**
   * Hands what was prepared to the kernel and waits, in one system call, until so many operations
   * have ended. It may return earlier.
   */
  void enter(int wanted) {
    submissions.publish();
    for (int attempt = 0; ; attempt++) {
      int result =
          UringAbi.enter(callState, fd, submissions.waiting(), wanted, UringAbi.ENTER_GETEVENTS);
      boolean again = result == -Errno.EAGAIN || result == -Errno.EBUSY || result == -Errno.EINTR;
      if (result < 0 && (!again || attempt == ATTEMPTS)) {
        throw new IllegalStateException("io_uring_enter refuses: " + Errno.words(-result));
      }
      if (submissions.waiting() == 0) {
        return;
      }
      if (again) {
        Thread.yield();
      }
    }
  }

  /**
   * Takes what has ended; what is not done yet is prepared again.
   *
   * @param ended gets those that are done
   * @param foreign completions of {@link #prepareRead} bear it
   * @return whether there was a foreign one
   */
  boolean reap(List<RingOp> ended, long foreign) {
    boolean seen = false;
    int count = completions.reap(reapedData, reapedResults);
    for (int i = 0; i < count; i++) {
      long userData = reapedData[i];
      if (userData == foreign) {
        seen = true;
      } else {
        RingOp op = slots.get(userData);
        if (op.progress(reapedResults[i])) {
          slots.remove(userData);
          inFlight--;
          ended.add(op);
        } else {
          op.prepare(submissions, userData);
        }
      }
    }
    return seen;
  }

  /** Gives the ring back. Nothing is in flight. */
  @Override
  public void close() {
    mapping.unmap();
    var _ = Libc.close(fd);
  }
}
