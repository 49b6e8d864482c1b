package dev.carafe.uring;

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
 * woken out of the kernel by a counter that it reads there (contract B5). Its ring is its alone, so
 * the kernel need not interrupt anybody else for its completions.
 *
 * <p>No wake-up is lost: it says that it is about to sleep before it looks for operations a last
 * time, and whoever hands one over does so before looking whether it sleeps.
 */
final class Reaper {
  private static final int AWAKE = 0;
  private static final int PARKED = 1;
  private static final int IN_KERNEL = 2;

  /** No operation bears it: slots count from 0. */
  private static final long WOKEN = -1;

  private final KernelRing ring;
  private final int placeCount;
  private final Semaphore places;
  private final NativeMapping counterValue = NativeMapping.map(Long.BYTES, false);
  private final int counter;

  /** The newest first; each knows the one before. */
  private final AtomicReference<@Nullable RingOp> handedOver = new AtomicReference<>();

  private final AtomicInteger state = new AtomicInteger(AWAKE);
  private final Object starting = new Object();

  /** Held to wake it in the kernel, and to close the counter. */
  private final ReentrantLock waking = new ReentrantLock();

  private boolean counterClosed; // guarded by waking
  private volatile @Nullable Thread thread;
  private volatile boolean closed;
  private volatile boolean stopped;

  // The rest is the thread's own.
  private final List<RingOp> ended = new ArrayList<>();
  private boolean counterRead;
  private int inherited;

  Reaper(KernelRing ring, int placeCount, int counter) {
    this.ring = ring;
    this.placeCount = placeCount;
    this.places = new Semaphore(placeCount);
    this.counter = counter;
  }

  /** Hands operations over; waits for places, which bound what is under way (B3). */
  void submit(List<? extends RingOp> ops) {
    boolean mine = Thread.currentThread() == thread;
    for (int from = 0; from < ops.size(); ) {
      int count = mine ? inherit() : acquireUpTo(ops.size() - from);
      for (RingOp op : ops.subList(from, from + count)) {
        hand(op);
      }
      start();
      wake(); // now, for the rest may have to wait for these to end
      from += count;
    }
  }

  /** The same for one. */
  void submit(RingOp op) {
    if (Thread.currentThread() == thread) {
      var _ = inherit();
    } else {
      acquire();
    }
    hand(op);
    start();
    wake();
  }

  private void acquire() {
    places.acquireUninterruptibly();
    if (closed) {
      places.release();
      throw new IllegalStateException("the device is closed");
    }
  }

  /** Waits for one place, and takes the others that are free: a large batch can't be starved. */
  private int acquireUpTo(int most) {
    acquire();
    int count = 1;
    while (count < most && places.tryAcquire()) {
      count++;
    }
    return count;
  }

  /** A callback never waits for a place: it may start as many as have ended. */
  private int inherit() {
    if (inherited > 0) {
      inherited--;
    } else if (!places.tryAcquire()) {
      throw new IllegalStateException("a callback may only start as many operations as have ended");
    }
    return 1;
  }

  private void hand(RingOp op) {
    RingOp before;
    do {
      before = handedOver.get();
      op.earlier = before;
    } while (!handedOver.compareAndSet(before, op));
  }

  private void start() {
    if (thread == null) {
      synchronized (starting) {
        if (thread == null) {
          Thread fresh = Thread.ofPlatform().daemon().name("carafe-reaper").unstarted(this::run);
          thread = fresh;
          fresh.start();
        }
      }
    }
  }

  private void wake() {
    int was = state.get() == AWAKE ? AWAKE : state.getAndSet(AWAKE);
    if (was == PARKED) {
      LockSupport.unpark(thread);
    } else if (was == IN_KERNEL) {
      waking.lock();
      try {
        if (!counterClosed) {
          var _ = Libc.addEvent(counter);
        }
      } finally {
        waking.unlock();
      }
    }
  }

  private void run() {
    ring.enable();
    while (!stopped) {
      takeOver();
      if (ring.inFlight() == 0) {
        rest();
      } else {
        turn();
      }
    }
    leaveCounter();
  }

  /** Prepares what was handed over, in the order in which it was. */
  private void takeOver() {
    RingOp next = null;
    for (RingOp op = handedOver.getAndSet(null); op != null; ) {
      RingOp before = op.earlier;
      op.earlier = next;
      next = op;
      op = before;
    }
    while (next != null) {
      RingOp after = next.earlier;
      next.earlier = null;
      ring.prepare(next);
      next = after;
    }
  }

  private void rest() {
    state.set(PARKED);
    if (handedOver.get() == null && !stopped) {
      LockSupport.park(this);
    }
    state.set(AWAKE);
  }

  /** Submits, waits, takes what has ended, and tells those concerned. */
  private void turn() {
    if (!counterRead) {
      ring.prepareRead(counter, counterValue.segment(), WOKEN);
      counterRead = true;
    }
    state.set(IN_KERNEL);
    ring.enter(handedOver.get() == null ? 1 : 0);
    state.set(AWAKE);
    reap();
  }

  private void reap() {
    if (ring.reap(ended, WOKEN)) {
      counterRead = false;
    }
    inherited = ended.size();
    for (int i = 0; i < ended.size(); i++) {
      ended.get(i).end();
    }
    places.release(inherited); // the others have new operations
    inherited = 0;
    ended.clear();
  }

  /** The kernel must not write the counter's value into memory that is given back. */
  private void leaveCounter() {
    if (counterRead) {
      var _ = Libc.addEvent(counter);
    }
    while (counterRead) {
      ring.enter(1);
      reap();
    }
  }

  /** Refuses new operations, waits until those under way have ended and are told, and ends. */
  void close() {
    closed = true;
    places.acquireUninterruptibly(placeCount); // all in flight have ended
    places.release(placeCount); // whoever waited for one finds the ring closed
    stopped = true;
    wake();
    joinThread();
    waking.lock();
    try {
      counterClosed = true;
      var _ = Libc.close(counter);
    } finally {
      waking.unlock();
    }
    ring.close();
    counterValue.close();
  }

  private void joinThread() {
    Thread running;
    synchronized (starting) {
      running = thread;
    }
    boolean interrupted = false;
    while (running != null && running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
