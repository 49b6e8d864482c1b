package dev.carafe.uring;

import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of one file: opened as they are needed, lent to one platform thread at a time, all of
 * them sharing the memory that the first has registered.
 *
 * <p>Proved by {@code RingThreadsTest} and {@code RefusingKernelTest}.
 */
final class RingPool {
  /** More threads than that are no faster on any device, and each lane costs a descriptor. */
  private static final int MOST = 64;

  private static final int ENTRIES = 64;

  /** Each ring's: completions are delivered when the thread that waits is in the kernel anyway. */
  static final List<Integer> WISHES = List.of(UringAbi.SETUP_COOP_TASKRUN, 0);

  private final int file;
  private final KernelRing first;
  private final AtomicReferenceArray<@Nullable PooledRing> idle = new AtomicReferenceArray<>(MOST);

  /** One for each lane that may be lent; who closes takes them all. */
  private final Semaphore permits = new Semaphore(MOST);

  /** Of the lanes that are open, lent or not. */
  private final LongAdder openBytes = new LongAdder();

  /** Their operations keep their memory reachable from here: the kernel may still write to it. */
  private final Queue<PooledRing> stuck = new ConcurrentLinkedQueue<>();

  private volatile List<MemorySegment> buffers = List.of();
  private volatile boolean closed;

  private RingPool(int file, KernelRing first) {
    this.file = file;
    this.first = first;
  }

  /** Lanes, or why there are none. */
  sealed interface Opened {
    /** Lanes, to be closed. */
    record Ready(RingPool pool) implements Opened {}

    /** No lanes: the error number and the reason. */
    record Refused(int errno, String reason) implements Opened {}
  }

  /** Opens the ring that holds the registered memory, and sees whether the kernel lets it run. */
  static Opened open(int file) {
    return switch (KernelRing.open(1, file, WISHES)) {
      case KernelRing.Opened.Refused(int errno, String reason) -> new Opened.Refused(errno, reason);
      case KernelRing.Opened.Ready(KernelRing ring) -> {
        boolean kept = false;
        try {
          int refusal = Probe.of(ring);
          kept = refusal == 0;
          yield kept
              ? new Opened.Ready(new RingPool(file, ring))
              : new Opened.Refused(refusal, RingProbe.whyNoEnter(refusal));
        } finally {
          if (!kept) {
            ring.close();
          }
        }
      }
    };
  }

  /**
   * An operation that does nothing: that a ring was set up does not mean that it may be entered.
   */
  private static final class Probe extends RingOp {
    private int errno;

    static int of(KernelRing ring) {
      Probe probe = new Probe();
      new PooledRing(ring).run(probe);
      return probe.errno;
    }

    @Override
    protected void prepare(SubmissionQueue queue, long userData) {
      queue.command(UringAbi.OP_NOP, 0, userData);
    }

    @Override
    protected boolean progress(int result) {
      errno = Math.max(0, -result);
      return true;
    }

    @Override
    protected void finished() {}

    @Override
    protected void refused(int why) {
      errno = why;
    }
  }

  /** Registers memory for all lanes; returns 0 or the negated errno. */
  int register(List<MemorySegment> memory) {
    int result = first.register(memory);
    if (result >= 0) {
      buffers = List.copyOf(memory);
    }
    return result;
  }

  /** Lets another ring use the registered memory too. */
  void shareWith(KernelRing ring) {
    ring.share(first, buffers);
  }

  long memoryBytes() {
    return first.memoryBytes() + openBytes.sum();
  }

  FixedBuffers fixed() {
    return first.fixed();
  }

  /**
   * Lends a lane.
   *
   * @return null if there are no more
   * @throws IllegalStateException if the lanes are closed
   */
  @Nullable PooledRing take() {
    if (!permits.tryAcquire()) {
      requireOpen();
      return null;
    }
    PooledRing pooled = null;
    try {
      requireOpen();
      pooled = find();
      return pooled;
    } finally {
      if (pooled == null) {
        permits.release();
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the device is closed");
    }
  }

  private @Nullable PooledRing find() {
    int from = place();
    for (int i = 0; i < MOST; i++) {
      int at = (from + i) & (MOST - 1);
      PooledRing pooled = idle.get(at) == null ? null : idle.getAndSet(at, null);
      if (pooled != null) {
        return pooled;
      }
    }
    return switch (KernelRing.open(ENTRIES, file, WISHES)) {
      case KernelRing.Opened.Ready(KernelRing ring) -> laneOf(ring);
      case KernelRing.Opened.Refused refused -> null; // no more descriptors, say
    };
  }

  private PooledRing laneOf(KernelRing ring) {
    boolean complete = false;
    try {
      shareWith(ring);
      PooledRing pooled = new PooledRing(ring);
      openBytes.add(ring.memoryBytes());
      complete = true;
      return pooled;
    } finally {
      if (!complete) {
        ring.close();
      }
    }
  }

  /** A thread begins its search where it put its lane the last time, if nobody took it. */
  private static int place() {
    return (int) Thread.currentThread().threadId() & (MOST - 1);
  }

  /** Takes back a lane; one that could not wait for its operations is never used again. */
  void giveBack(PooledRing pooled) {
    try {
      if (!pooled.isIdle()) {
        stuck.add(pooled);
      } else if (!keep(pooled)) {
        openBytes.add(-pooled.memoryBytes());
        pooled.close();
      }
    } finally {
      permits.release();
    }
  }

  private boolean keep(PooledRing pooled) {
    int from = place();
    for (int i = 0; i < MOST; i++) {
      if (idle.compareAndSet((from + i) & (MOST - 1), null, pooled)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Refuses to lend, waits until all lanes are back, and closes them. Called once.
   *
   * @param nanos how long to wait at the most
   * @return false if the kernel may still have operations; what they need is left as it is then
   */
  boolean close(long nanos) {
    closed = true;
    boolean all = BoundedWait.acquire(permits, MOST, nanos);
    if (all) {
      permits.release(MOST);
    }
    for (int i = 0; i < MOST; i++) {
      PooledRing pooled = idle.getAndSet(i, null);
      if (pooled != null) {
        pooled.close();
      }
    }
    if (all) {
      first.close();
    }
    return all && stuck.isEmpty();
  }
}
