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
  private static final int MAX_RINGS = 64;

  private static final int ENTRIES = 64;

  /** Each ring's: completions are delivered when the thread that waits is in the kernel anyway. */
  static final List<Integer> SETUP_FLAGS = List.of(UringAbi.SETUP_COOP_TASKRUN, 0);

  private final int file;
  private final KernelRing registrationRing;
  private final AtomicReferenceArray<@Nullable PooledRing> idle =
      new AtomicReferenceArray<>(MAX_RINGS);

  /** One for each lane that may be lent; who closes takes them all. */
  private final Semaphore permits = new Semaphore(MAX_RINGS);

  /** Of the lanes that are open, lent or not. */
  private final LongAdder openBytes = new LongAdder();

  /** Their operations keep their memory reachable from here: the kernel may still write to it. */
  private final Queue<PooledRing> abandoned = new ConcurrentLinkedQueue<>();

  private volatile List<MemorySegment> buffers = List.of();
  private volatile boolean closed;

  private RingPool(int file, KernelRing first) {
    this.file = file;
    this.registrationRing = first;
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
    return switch (KernelRing.open(1, file, SETUP_FLAGS)) {
      case KernelRing.Opened.Refused(int errno, String reason) -> new Opened.Refused(errno, reason);
      case KernelRing.Opened.Ready(KernelRing ring) -> {
        boolean kept = false;
        try {
          int refusal = Probe.of(ring);
          kept = refusal == 0;
          yield kept
              ? new Opened.Ready(new RingPool(file, ring))
              : new Opened.Refused(refusal, RingProbe.enterRefused(refusal));
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
    protected boolean onResult(int result) {
      errno = Math.max(0, -result);
      return true;
    }

    @Override
    protected void onCompleted() {}

    @Override
    protected void onRefused(int why) {
      errno = why;
    }
  }

  /** Registers memory for all lanes; returns 0 or the negated errno. */
  int register(List<MemorySegment> memory) {
    int result = registrationRing.register(memory);
    if (result >= 0) {
      buffers = List.copyOf(memory);
    }
    return result;
  }

  /** Lets another ring use the registered memory too. */
  void shareBuffersWith(KernelRing ring) {
    ring.shareBuffers(registrationRing, buffers);
  }

  long memoryBytes() {
    return registrationRing.memoryBytes() + openBytes.sum();
  }

  FixedBuffers fixed() {
    return registrationRing.fixed();
  }

  /**
   * Lends a lane.
   *
   * @return null if there are no more
   * @throws IllegalStateException if the lanes are closed
   */
  @Nullable PooledRing acquire() {
    if (!permits.tryAcquire()) {
      requireOpen();
      return null;
    }
    PooledRing pooled = null;
    try {
      requireOpen();
      pooled = takeIdleOrOpen();
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

  private @Nullable PooledRing takeIdleOrOpen() {
    int from = startIndex();
    for (int i = 0; i < MAX_RINGS; i++) {
      int at = (from + i) & (MAX_RINGS - 1);
      PooledRing pooled = idle.get(at) == null ? null : idle.getAndSet(at, null);
      if (pooled != null) {
        return pooled;
      }
    }
    return switch (KernelRing.open(ENTRIES, file, SETUP_FLAGS)) {
      case KernelRing.Opened.Ready(KernelRing ring) -> pooledRing(ring);
      case KernelRing.Opened.Refused refused -> null; // no more descriptors, say
    };
  }

  private PooledRing pooledRing(KernelRing ring) {
    boolean complete = false;
    try {
      shareBuffersWith(ring);
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
  private static int startIndex() {
    return (int) Thread.currentThread().threadId() & (MAX_RINGS - 1);
  }

  /** Takes back a lane; one that could not wait for its operations is never used again. */
  void release(PooledRing pooled) {
    try {
      if (!pooled.isIdle()) {
        abandoned.add(pooled);
      } else if (!putIdle(pooled)) {
        openBytes.add(-pooled.memoryBytes());
        pooled.close();
      }
    } finally {
      permits.release();
    }
  }

  private boolean putIdle(PooledRing pooled) {
    int from = startIndex();
    for (int i = 0; i < MAX_RINGS; i++) {
      if (idle.compareAndSet((from + i) & (MAX_RINGS - 1), null, pooled)) {
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
    boolean all = BoundedWait.acquire(permits, MAX_RINGS, nanos);
    if (all) {
      permits.release(MAX_RINGS);
    }
    for (int i = 0; i < MAX_RINGS; i++) {
      PooledRing pooled = idle.getAndSet(i, null);
      if (pooled != null) {
        pooled.close();
      }
    }
    if (all) {
      registrationRing.close();
    }
    return all && abandoned.isEmpty();
  }
}
