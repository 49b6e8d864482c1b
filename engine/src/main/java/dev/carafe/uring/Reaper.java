package dev.carafe.uring;

import dev.carafe.base.EngineThread;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.NativeMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The thread that submits and reaps what no platform thread waits for: operations with callbacks,
 * and those of virtual threads, which must not be held in the kernel.
 *
 * <p>Others hand it operations; it takes all there are, submits them and waits for completions in
 * one system call. It is started when there is something, parks when nothing is under way, and is
 * woken out of the kernel by a counter that it reads there (contract B5).
 *
 * <p>No wake-up is lost: it says that it is about to sleep before it looks for operations a last
 * time, and whoever hands one over does so before looking whether it sleeps.
 *
 * <p>What it has taken is in fields, so that an error in the middle loses nothing: the thread goes
 * on from there (contract F6). If it can't be started, operations are refused where they are
 * submitted.
 *
 * <p>Proved by {@code RingThreadsTest}, {@code RefusingKernelTest} and {@code MissingThreadTest}.
 */
final class Reaper {
  private static final int AWAKE = 0;
  private static final int PARKED = 1;
  private static final int IN_KERNEL = 2;

  /** No operation bears it: slots count from 0. */
  private static final long COUNTER_USER_DATA = -1;

  /** The error number of operations that fail because the system refuses a thread. */
  private static final int THREAD_REFUSED = Errno.EAGAIN;

  private static final int FINISH_ATTEMPTS = 5000;

  private final KernelRing ring;
  private final int maxInFlight;
  private final Semaphore permits;
  private final NativeMapping counterValue;
  private final int counter;
  private final EngineThread thread = new EngineThread("carafe-reaper", this::loop);

  /** The newest first; each knows the one before. */
  private final AtomicReference<@Nullable RingOp> submissions = new AtomicReference<>();

  private final AtomicInteger state = new AtomicInteger(AWAKE);

  /** Held to wake it in the kernel, and to close the counter. */
  private final ReentrantLock counterLock = new ReentrantLock();

  private boolean counterClosed; // guarded by waking
  private volatile boolean closed;
  private volatile boolean stopped;

  // The rest is the thread's own.

  /** Taken over and not prepared yet, the oldest first; each knows the one after. */
  private @Nullable RingOp pending;

  private final List<RingOp> ended;
  private int completedCount;
  private boolean counterReadInFlight;
  private int freedPermits;

  /** Takes ring, counter and the counter's memory over, to be closed with it. */
  Reaper(KernelRing ring, int maxInFlight, int counter, NativeMapping counterValue) {
    this.ring = ring;
    this.maxInFlight = maxInFlight;
    this.permits = new Semaphore(maxInFlight);
    this.counter = counter;
    this.counterValue = counterValue;
    this.ended = new ArrayList<>(2 * ring.entries()); // never grows
  }

  /** Hands operations over; waits for places, which bound what is under way (B3). */
  void submit(List<? extends RingOp> ops) {
    boolean mine = thread.isCurrent();
    for (int from = 0; from < ops.size(); ) {
      int count = mine ? takeFreedPermit() : acquirePermits(ops.size() - from);
      boolean running = thread.isRunning();
      for (int i = from; i < from + count; i++) {
        submitOrRefuse(ops.get(i), running);
      }
      wake(); // now, for the rest may have to wait for these to end
      from += count;
    }
  }

  /** The same for one. */
  void submit(RingOp op) {
    if (thread.isCurrent()) {
      var _ = takeFreedPermit();
    } else {
      acquirePermit();
    }
    submitOrRefuse(op, thread.isRunning());
    wake();
  }

  /** An operation with a place: without a thread it is refused rather than left to wait for one. */
  private void submitOrRefuse(RingOp op, boolean running) {
    if (running) {
      push(op);
    } else {
      permits.release();
      op.refuse(THREAD_REFUSED);
    }
  }

  /** What is wrong with its thread, which is tried to be started again; null if nothing is. */
  @Nullable String trouble() {
    if (thread.trouble() == null || closed) {
      return null;
    }
    var _ = thread.isRunning();
    String trouble = thread.trouble();
    return trouble == null
        ? null
        : trouble
            + "; while it does not run, writes and the reads of virtual threads fail at once with"
            + " EAGAIN, and each tries to start it again";
  }

  private void acquirePermit() {
    permits.acquireUninterruptibly();
    if (closed) {
      permits.release();
      throw new IllegalStateException("the device is closed");
    }
  }

  /** Waits for one place, and takes the others that are free: a large batch can't be starved. */
  private int acquirePermits(int most) {
    acquirePermit();
    int count = 1;
    while (count < most && permits.tryAcquire()) {
      count++;
    }
    return count;
  }

  /** A callback never waits for a place: it may start as many as have ended. */
  private int takeFreedPermit() {
    if (freedPermits > 0) {
      freedPermits--;
    } else if (!permits.tryAcquire()) {
      throw new IllegalStateException("a callback may only start as many operations as have ended");
    }
    return 1;
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
      counterLock.lock();
      try {
        if (!counterClosed) {
          var _ = Libc.signalEventfd(counter);
        }
      } finally {
        counterLock.unlock();
      }
    }
  }

  private void loop() {
    while (!stopped || ring.inFlight() > 0 || !ended.isEmpty()) {
      drainSubmissions();
      prepare();
      completeOps(); // what could not be prepared
      if (ring.inFlight() == 0) {
        park();
      } else {
        enterAndReap();
      }
      thread.recordSuccess();
    }
    finishCounterRead();
  }

  /** Puts what was handed over behind what is pending, in the order in which it was. */
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

  /** Submits, waits, takes what has ended, and tells those concerned. */
  private void enterAndReap() {
    if (!counterReadInFlight) {
      ring.prepareRead(counter, counterValue.segment(), COUNTER_USER_DATA);
      counterReadInFlight = true;
    }
    state.set(IN_KERNEL);
    int refusal = ring.enter(submissions.get() == null ? 1 : 0);
    state.set(AWAKE);
    if (refusal != 0 && ring.withdraw(refusal, ended, COUNTER_USER_DATA)) {
      counterReadInFlight = false;
    }
    reap();
  }

  private void reap() {
    if (ring.reap(ended, COUNTER_USER_DATA)) {
      counterReadInFlight = false;
    }
    completeOps();
  }

  private void completeOps() {
    freedPermits += ended.size() - completedCount;
    while (completedCount < ended.size()) {
      ended.get(completedCount++).end();
    }
    completedCount = 0;
    ended.clear();
    int free = freedPermits;
    freedPermits = 0;
    permits.release(free); // the others have new operations
  }

  /** The kernel must not write the counter's value into memory that is given back. */
  private void finishCounterRead() {
    if (counterReadInFlight) {
      var _ = Libc.signalEventfd(counter);
    }
    for (int attempt = 0; counterReadInFlight && attempt < FINISH_ATTEMPTS; attempt++) {
      if (ring.enter(1) != 0) {
        KernelRing.pause();
      }
      reap();
    }
  }

  /**
   * Refuses new operations, waits until those under way have ended and are told, and ends.
   *
   * @param nanos how long to wait at the most
   * @return false if the kernel still has operations; what they need is left as it is then, and the
   *     thread ends when they have ended
   */
  boolean close(long nanos) {
    long end = System.nanoTime() + nanos;
    closed = true;
    boolean all = BoundedWait.acquire(permits, maxInFlight, nanos); // all in flight have ended
    if (all) {
      permits.release(maxInFlight); // callers that waited for one find the ring closed
    }
    stopped = true;
    wake();
    thread.unpark();
    if (!all || !thread.awaitEnd(Math.max(0, end - System.nanoTime())) || counterReadInFlight) {
      return false;
    }
    counterLock.lock();
    try {
      counterClosed = true;
      var _ = Libc.close(counter);
    } finally {
      counterLock.unlock();
    }
    ring.close();
    counterValue.close();
    return true;
  }
}
