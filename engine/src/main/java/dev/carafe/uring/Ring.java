package dev.carafe.uring;

import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One io_uring with one registered file, used by many threads.
 *
 * <p>Submission and completion have a lock each. Whoever waits and finds nobody reaping becomes the
 * leader: it waits in the kernel and reaps for all (see {@link Reaping}). No thread spins, and none
 * wakes up while nothing is under way (contract B5). At most as many operations are in flight as
 * the completion queue holds, so it can't overflow.
 */
public final class Ring implements AutoCloseable {
  private static final int ATTEMPTS = 1000;

  private final int fd;
  private final UringAbi.Mapping mapping;
  private final SubmissionQueue submissions;
  private final CompletionQueue completions;
  private final OpSlots slots;
  private final Semaphore permits;
  private final int permitCount;
  private final ReentrantLock submitting = new ReentrantLock();
  private final Reaping reaping;
  private FixedBuffers fixed = new FixedBuffers(List.of());

  /** In flight, and nobody waits in the kernel for them but the reaper. */
  private final AtomicInteger unattended = new AtomicInteger();

  private final long[] reapedData;
  private final int[] reapedResults;
  private volatile boolean closed;

  /** Guarded by the submission lock. */
  private boolean unmapped;

  private Ring(int fd, MemorySegment params) {
    this.fd = fd;
    this.mapping = UringAbi.map(fd, params);
    this.submissions = new SubmissionQueue(mapping, params);
    this.completions = new CompletionQueue(mapping, params);
    this.permitCount = Math.min(submissions.entries(), completions.entries());
    this.permits = new Semaphore(permitCount);
    this.slots = new OpSlots(permitCount);
    this.reapedData = new long[permitCount];
    this.reapedResults = new int[permitCount];
    this.reaping = new Reaping(this);
  }

  /** A ring, or why there is none. */
  public sealed interface Opened {
    /**
     * A ring.
     *
     * @param ring to be closed
     */
    record Ready(Ring ring) implements Opened {}

    /**
     * None.
     *
     * @param reason one sentence
     */
    record Refused(String reason) implements Opened {}
  }

  /**
   * Asks the kernel for a ring.
   *
   * @param entries how many operations may be under way
   * @param file the descriptor that all operations are for
   * @return a ring, or the reason why there is none
   */
  public static Opened open(int entries, int file) {
    if (!RingProbe.isPossible()) {
      return new Opened.Refused("no io_uring: this is not Linux");
    }
    MemorySegment params = UringAbi.newParams();
    params.set(
        java.lang.foreign.ValueLayout.JAVA_INT,
        UringAbi.offset(UringAbi.PARAMS, "flags"),
        UringAbi.SETUP_CLAMP);
    int fd = UringAbi.setup(entries, params);
    if (fd < 0) {
      return new Opened.Refused(RingProbe.whyNoRing(-fd));
    }
    Ring ring;
    try {
      ring = new Ring(fd, params);
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

  /**
   * Registers memory, so that transfers to and from it spare the kernel looking it up.
   *
   * @param buffers at most 1 GiB each
   * @return null if it worked, else one sentence why not; the ring is as good as before
   */
  public @Nullable String register(List<MemorySegment> buffers) {
    int result = UringAbi.registerBuffers(fd, buffers);
    if (result < 0) {
      long bytes = buffers.stream().mapToLong(MemorySegment::byteSize).sum();
      return RingProbe.whyNoFixedBuffers(-result, bytes);
    }
    fixed = new FixedBuffers(buffers);
    return null;
  }

  /**
   * What is registered.
   *
   * @return nothing before {@link #register}
   */
  public FixedBuffers fixed() {
    return fixed;
  }

  /**
   * Starts operations that the reaper sees to.
   *
   * @param ops not started before
   */
  public void submit(List<? extends RingOp> ops) {
    for (int from = 0; from < ops.size(); ) {
      int count = acquireUpTo(ops.size() - from);
      unattended.addAndGet(count);
      for (RingOp op : ops.subList(from, from + count)) {
        op.attended = false;
      }
      enqueue(ops.subList(from, from + count));
      enter();
      reaping.wakeReaper(); // now, for the rest may have to wait for these to end
      from += count;
    }
  }

  /**
   * Starts an operation and waits for it.
   *
   * @param op not started before
   */
  public void run(RingOp op) {
    if (Thread.currentThread().isVirtual()) {
      submit(List.of(op));
    } else {
      acquire();
      op.attended = true;
      enqueue(List.of(op));
      enter();
    }
    reaping.await(op);
  }

  /**
   * Waits for an operation.
   *
   * @param op started before
   */
  public void await(RingOp op) {
    reaping.await(op);
  }

  private void acquire() {
    permits.acquireUninterruptibly();
    if (closed) {
      permits.release();
      throw new IllegalStateException("the device is closed");
    }
  }

  /** Waits for one place, and takes the others that are free: a large batch can't be starved. */
  private int acquireUpTo(int most) {
    acquire();
    int count = 1;
    while (count < most && permits.tryAcquire()) {
      count++;
    }
    return count;
  }

  /** Gives places back; whoever closes waits until all are. */
  void release(int count) {
    permits.release(count);
  }

  private void enqueue(List<? extends RingOp> ops) {
    submitting.lock();
    try {
      for (RingOp op : ops) {
        op.prepare(submissions, slots.put(op));
      }
      submissions.publish();
    } finally {
      submitting.unlock();
    }
  }

  /** Hands all waiting entries to the kernel, those of others included. */
  private void enter() {
    submitting.lock();
    try {
      for (int attempt = 0; !unmapped && submissions.waiting() > 0; attempt++) {
        int taken = UringAbi.enter(fd, submissions.waiting(), 0, 0);
        boolean again = taken == -Errno.EAGAIN || taken == -Errno.EBUSY || taken == -Errno.EINTR;
        if (taken < 0 && (!again || attempt == ATTEMPTS)) {
          throw new IllegalStateException(
              "io_uring_enter does not take submissions: " + Errno.words(-taken));
        }
        if (again) {
          Thread.yield();
        }
      }
    } finally {
      submitting.unlock();
    }
  }

  /** Waits in the kernel until at least one operation has ended. Under the reaping lock. */
  void waitInKernel() {
    int result = UringAbi.enter(fd, 0, 1, UringAbi.ENTER_GETEVENTS);
    if (result < 0 && result != -Errno.EINTR && result != -Errno.EAGAIN && result != -Errno.EBUSY) {
      throw new IllegalStateException("io_uring_enter does not wait: " + Errno.words(-result));
    }
  }

  /**
   * Takes what has ended; what is not done yet is submitted again. Under the reaping lock. Whoever
   * calls it tells those that ended, and then releases their places.
   */
  void reap(List<RingOp> ended) {
    int count = completions.reap(reapedData, reapedResults);
    if (count == 0) {
      return;
    }
    boolean again = false;
    submitting.lock();
    try {
      for (int i = 0; i < count; i++) {
        RingOp op = slots.get(reapedData[i]);
        if (op.progress(reapedResults[i])) {
          slots.remove(reapedData[i]);
          op.reaped();
          ended.add(op);
          if (!op.attended) {
            unattended.getAndDecrement();
          }
        } else {
          op.prepare(submissions, reapedData[i]);
          again = true;
        }
      }
      submissions.publish();
    } finally {
      submitting.unlock();
    }
    if (again) {
      enter();
    }
  }

  int unattended() {
    return unattended.get();
  }

  /**
   * Refuses new operations, waits until those under way have ended and are told, and gives the ring
   * back. A second call does nothing.
   *
   * @throws IllegalStateException if the kernel does not give it back
   */
  @Override
  public void close() {
    submitting.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      submitting.unlock();
    }
    reaping.wakeReaper();
    permits.acquireUninterruptibly(permitCount); // all in flight have ended
    permits.release(permitCount); // whoever waited for one finds the ring closed
    reaping.stop();
    unmap();
  }

  /** A submitter may still be on its way to {@link #enter}, its operation ended by others. */
  private void unmap() {
    submitting.lock();
    try {
      unmapped = true;
      mapping.unmap();
      var _ = Libc.close(fd);
    } finally {
      submitting.unlock();
    }
  }
}
