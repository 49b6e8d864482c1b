package dev.carafe.uring;

import dev.carafe.base.EngineThread;
import dev.carafe.uring.ffi.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread that submits and reaps operations that no platform thread waits for: operations with
 * callbacks, and those of virtual threads, which must not block their carrier in the kernel.
 *
 * <p>Callers push operations on a stack. The reaper takes all of them, submits them and waits for
 * completions in one system call. It starts with the first operation and parks when none is in
 * flight. While it waits in the kernel, it has a read of an eventfd in flight; a write to the
 * eventfd wakes it (contract B5).
 *
 * <p>No wake-up is lost. The reaper sets {@code state} before it checks the stack a last time. A
 * submitter pushes its operation before it reads {@code state}. At least one of the two sees the
 * other.
 *
 * <p>Operations taken from the stack are kept in fields, so an error loses none: the thread
 * continues from the fields (contract F6). If the thread can't be started, {@code submit} refuses
 * operations.
 *
 * <p>Proved by {@code RingThreadsTest}, {@code RefusingKernelTest} and {@code MissingThreadTest}.
 */
final class Reaper {
  private static final int AWAKE = 0;
  private static final int PARKED = 1;
  private static final int IN_KERNEL = 2;

  /** The errno of operations that fail because the thread can't be started. */
  private static final int THREAD_REFUSED = Errno.EAGAIN;

  private static final int FINISH_ATTEMPTS = 5000;

  private final KernelRing ring;
  private final OpPermits permits;
  private final WakeUpEvent wakeUp;
  private final Consumer<KernelRing> refresher;
  private final EngineThread thread = new EngineThread("carafe-reaper", this::loop);

  /** A stack of submitted operations, newest first, linked by {@link RingOp#next}. */
  private final AtomicReference<@Nullable RingOp> submissions = new AtomicReference<>();

  private final AtomicInteger state = new AtomicInteger(AWAKE);

  private volatile boolean stopped;

  // Only the reaper thread uses the fields below.

  /** Operations taken from the stack and not prepared yet, oldest first. */
  private @Nullable RingOp pending;

  private final List<RingOp> ended;
  private int completedCount;

  /**
   * Takes ownership of the ring and the event, and closes them.
   *
   * @param refresher gives the ring the present registration of memory; called by this thread
   */
  Reaper(KernelRing ring, int maxInFlight, WakeUpEvent wakeUp, Consumer<KernelRing> refresher) {
    this.ring = ring;
    this.permits = new OpPermits(maxInFlight);
    this.wakeUp = wakeUp;
    this.refresher = refresher;
    this.ended = new ArrayList<>(2 * ring.entries()); // never grows
  }

  /** Submits operations; waits for permits, which bound the operations in flight (B3). */
  void submit(List<? extends RingOp> ops) {
    for (int from = 0; from < ops.size(); ) {
      int count = acquirePermits(ops.size() - from);
      boolean running = thread.isRunning();
      for (int i = from; i < from + count; i++) {
        submitOrRefuse(ops.get(i), running);
      }
      wake(); // before the next wait: permits may come from these operations
      from += count;
    }
  }

  /** Submits one operation; waits for a permit. */
  void submit(RingOp op) {
    var _ = acquirePermits(1);
    submitOrRefuse(op, thread.isRunning());
    wake();
  }

  /** Has the thread give its ring the present registration of memory, also if it is idle. */
  void refresh() {
    wake();
  }

  /** Pushes an operation that has a permit, or refuses it if the thread does not run. */
  private void submitOrRefuse(RingOp op, boolean running) {
    if (running) {
      push(op);
    } else {
      permits.release();
      op.refuse(THREAD_REFUSED);
    }
  }

  /** Describes a failure of the thread after another attempt to start it; null if it runs. */
  @Nullable String failure() {
    if (thread.failure() == null || permits.isClosed()) {
      return null;
    }
    var _ = thread.isRunning();
    String failure = thread.failure();
    return failure == null
        ? null
        : failure
            + "; until it runs, writes and the reads of virtual threads fail at once with EAGAIN;"
            + " each of them tries to start it again";
  }

  /** Acquires at least one permit. A callback of this thread must not wait for it. */
  private int acquirePermits(int most) {
    if (thread.isCurrent()) {
      permits.takeFreed();
      return 1;
    }
    return permits.acquireUpTo(most);
  }

  private void push(RingOp op) {
    RingOp before;
    do {
      before = submissions.get();
      op.next = before;
    } while (!submissions.compareAndSet(before, op));
  }

  private void wake() {
    int was = state.get() == AWAKE ? AWAKE : state.getAndSet(AWAKE);
    if (was == PARKED) {
      thread.unpark();
    } else if (was == IN_KERNEL) {
      wakeUp.signal();
    }
  }

  private void loop() {
    while (!stopped || ring.inFlight() > 0 || !ended.isEmpty()) {
      drainSubmissions();
      refresher.accept(ring);
      prepare();
      completeOps(); // those that could not be prepared
      if (ring.inFlight() == 0) {
        park();
      } else {
        enterAndReap();
      }
      thread.recordSuccess();
    }
    finishWakeUpRead();
  }

  /** Moves submitted operations behind the pending ones, in the order of submission. */
  private void drainSubmissions() {
    RingOp newest = submissions.getAndSet(null);
    RingOp first = null;
    for (RingOp op = newest; op != null; ) {
      RingOp before = op.next;
      op.next = first;
      first = op;
      op = before;
    }
    if (pending == null) {
      pending = first;
    } else {
      RingOp last = pending;
      while (last.next != null) {
        last = last.next;
      }
      last.next = first;
    }
  }

  private void prepare() {
    for (RingOp op = pending; op != null; op = pending) {
      pending = op.next;
      op.next = null;
      ring.prepare(op, ended);
    }
  }

  private void park() {
    state.set(PARKED);
    if (submissions.get() == null && !stopped) {
      LockSupport.park(this);
    }
    state.set(AWAKE);
  }

  /** Submits, waits for completions, reaps them and runs the callbacks. */
  private void enterAndReap() {
    wakeUp.prepareRead(ring);
    state.set(IN_KERNEL);
    int refusal = ring.enter(submissions.get() == null ? 1 : 0);
    state.set(AWAKE);
    if (refusal != 0 && ring.withdraw(refusal, ended, WakeUpEvent.USER_DATA)) {
      wakeUp.recordReadEnded();
    }
    reap();
  }

  private void reap() {
    if (ring.reap(ended, WakeUpEvent.USER_DATA)) {
      wakeUp.recordReadEnded();
    }
    completeOps();
  }

  private void completeOps() {
    permits.addFreed(ended.size() - completedCount);
    while (completedCount < ended.size()) {
      ended.get(completedCount++).end();
    }
    completedCount = 0;
    ended.clear();
    permits.releaseFreed();
  }

  /** Completes the eventfd read, so that the kernel does not write into unmapped memory. */
  private void finishWakeUpRead() {
    if (wakeUp.isReadInFlight()) {
      wakeUp.signal();
    }
    for (int attempt = 0; wakeUp.isReadInFlight() && attempt < FINISH_ATTEMPTS; attempt++) {
      if (ring.enter(1) != 0) {
        KernelRing.pause();
      }
      reap();
    }
  }

  /**
   * Refuses new operations, waits until those in flight have completed and their callbacks have
   * run, and ends the thread.
   *
   * @param nanos the time limit
   * @return false if operations are still in flight; their memory and the ring then stay open, and
   *     the thread ends when they have completed
   */
  boolean close(long nanos) {
    long end = System.nanoTime() + nanos;
    permits.close();
    boolean all = permits.awaitAll(nanos); // all in flight have ended
    stopped = true;
    wake();
    thread.unpark();
    if (!all || !thread.awaitEnd(Math.max(0, end - System.nanoTime())) || wakeUp.isReadInFlight()) {
      return false;
    }
    ring.close();
    wakeUp.close();
    return true;
  }
}
