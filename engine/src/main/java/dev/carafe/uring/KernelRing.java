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
 * One io_uring instance with one registered file: its submission queue, its completion queue and
 * its operations in flight. One thread at a time owns it, so it needs no lock.
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
  private List<MemorySegment> shared = List.of();
  private boolean registered;
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

  /** The result of opening a ring. */
  sealed interface Opened {
    /** The ring is open; the caller closes it. */
    record Ready(KernelRing ring) implements Opened {}

    /** The kernel refused the ring, with an errno and a reason. */
    record Refused(int errno, String reason) implements Opened {}
  }

  /**
   * Opens a ring.
   *
   * @param entries the maximum number of operations in flight
   * @param file the file descriptor that all operations use
   * @param flagChoices setup flags in order of preference; an older kernel rejects flags that it
   *     does not know
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

  /** Registers memory, which other rings may share; returns 0 or the negated errno. */
  int register(List<MemorySegment> buffers) {
    int result = UringAbi.registerBuffers(fd, buffers);
    if (result >= 0) {
      registered = true;
      shared = buffers;
      submissions.fixed(new FixedBuffers(buffers));
    }
    return result;
  }

  /** Ends the registration of memory. Later transfers use no fixed buffers. */
  private void unregister() {
    submissions.fixed(FixedBuffers.NO_BUFFERS);
    if (registered) {
      registered = UringAbi.unregisterBuffers(fd) < 0; // then a later registration is refused too
    }
  }

  /** The list that {@link #register} or {@link #shareBuffers} received last. */
  List<MemorySegment> sharedBuffers() {
    return shared;
  }

  /**
   * Shares the buffers that another ring has registered, in place of those that this ring has. A
   * kernel before Linux 6.12 can't share them, so they are registered again; if the limit on locked
   * memory prevents that, transfers of this ring use no fixed buffers. Entries that the kernel has
   * not taken may name the buffers that this ring has: then it shares none, and the caller repeats
   * the call.
   *
   * @param other the ring that has registered the buffers; null if there are none
   */
  void shareBuffers(@Nullable KernelRing other, List<MemorySegment> buffers) {
    submissions.fixed(FixedBuffers.NO_BUFFERS);
    if (submissions.unsubmitted() > 0) {
      return;
    }
    unregister();
    shared = buffers;
    if (other == null) {
      return;
    }
    if (UringAbi.cloneBuffers(fd, other.fd) >= 0) {
      registered = true;
      submissions.fixed(other.submissions.fixed());
    } else {
      var _ = register(buffers);
    }
  }

  FixedBuffers fixed() {
    return submissions.fixed();
  }

  /** {@return the mapped memory of the ring in bytes} */
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
   * Prepares an operation, which the next {@link #enter} submits. The caller ensures a free entry.
   * Throws nothing: if the heap has no room to fill the entry, the operation is refused with
   * ENOMEM.
   *
   * @param ended receives the operation if it is refused; has room for it
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

  /**
   * Prepares a read of another descriptor, which the next {@link #enter} submits. It has no {@link
   * RingOp}.
   */
  void prepareRead(int otherFile, MemorySegment memory, long userData) {
    submissions.readDescriptor(otherFile, memory, userData);
  }

  /**
   * Submits the prepared operations and waits, in one system call, until {@code wanted} operations
   * have completed. It may return earlier.
   *
   * @return 0, or the errno if the kernel refuses; the caller must then {@link #withdraw} the
   *     operations that the kernel has not taken
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
   * Withdraws the operations that the kernel has not taken after it refused {@link #enter}, and
   * pauses if others are in flight. Those complete without another call of {@link #enter}.
   *
   * @param errno the kernel's reason
   * @param ended receives the withdrawn operations, which are refused
   * @param otherUserData see {@link #reap}
   * @return whether the entry with {@code otherUserData} was withdrawn
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

  /** Sleeps for about 1 ms in the kernel, which delivers completions to this thread meanwhile. */
  static void pause() {
    Thread.yield(); // parkNanos returns at once if an interrupt is pending
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  /**
   * Reaps completions. Operations that need more transfers are prepared again.
   *
   * @param ended receives the completed operations; has room for them
   * @param otherUserData the user data of {@link #prepareRead}
   * @return whether a completion with {@code otherUserData} was reaped
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

  /**
   * Catches what the operation throws, so that later completions in the queue are still handled.
   */
  private void handleCompletion(long userData, int result, List<RingOp> ended) {
    RingOp op;
    try {
      op = ops.get(userData);
    } catch (IllegalStateException e) {
      LOG.log(Level.ERROR, "a completion matches no operation in flight and is ignored", e);
      return;
    }
    boolean done;
    try {
      done = op.onResult(result);
    } catch (Throwable e) {
      done = true; // without an outcome, it reports a failure
    }
    if (done) {
      finish(op, userData, ended);
    } else {
      prepareEntry(op, userData, ended);
    }
  }

  /** Closes the ring. No operation may be in flight. */
  @Override
  public void close() {
    release(fd, mapping);
  }
}
