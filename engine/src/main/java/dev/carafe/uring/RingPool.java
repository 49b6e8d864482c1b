package dev.carafe.uring;

import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The pooled rings of one file. The first is opened with the pool, another when all are in use. One
 * platform thread at a time uses a ring. All share the buffers that one of them has registered.
 *
 * <p>Proved by {@code RingThreadsTest} and {@code RefusingKernelTest}.
 */
final class RingPool {
  /** More threads are no faster on any device, and each ring takes a file descriptor. */
  private static final int MAX_RINGS = 64;

  private static final int ENTRIES = 64;

  /**
   * Setup flags in order of preference. COOP_TASKRUN (Linux 5.19) delivers completions when the
   * waiting thread is in the kernel anyway.
   */
  static final List<Integer> SETUP_FLAGS = List.of(UringAbi.SETUP_COOP_TASKRUN, 0);

  private final int file;
  private final AtomicReferenceArray<@Nullable PooledRing> idle =
      new AtomicReferenceArray<>(MAX_RINGS);

  /** One for each ring that may be in use; closing acquires all of them. */
  private final Semaphore permits = new Semaphore(MAX_RINGS);

  /** The memory of open pooled rings, in use or idle. */
  private final LongAdder openBytes = new LongAdder();

  /**
   * Rings with operations that never completed. They keep the operations' memory reachable, since
   * the kernel may still write to it.
   */
  private final Queue<PooledRing> abandoned = new ConcurrentLinkedQueue<>();

  /** The ring that has registered the buffers; null if there are none. Guarded by this. */
  private @Nullable KernelRing source;

  private volatile List<MemorySegment> buffers = List.of();
  private volatile boolean closed;

  private RingPool(int file, PooledRing first) {
    this.file = file;
    openBytes.add(first.memoryBytes());
    idle.set(startIndex(), first);
  }

  /** The result of opening a pool. */
  sealed interface Opened {
    /** The pool is open; the caller closes it. */
    record Ready(RingPool pool) implements Opened {}

    /** The kernel refused a ring. */
    record Refused(KernelRing.Opened.Refused cause) implements Opened {}
  }

  /**
   * Opens a pool and its first ring, and probes the ring: a filter may allow its setup but refuse
   * io_uring_enter.
   */
  static Opened open(int file) {
    KernelRing.Opened opened = KernelRing.open(ENTRIES, file, SETUP_FLAGS);
    if (!(opened instanceof KernelRing.Opened.Ready(KernelRing ring))) {
      return new Opened.Refused((KernelRing.Opened.Refused) opened);
    }
    boolean kept = false;
    try {
      PooledRing pooled = new PooledRing(ring);
      int refusal = Probe.of(pooled);
      if (refusal != 0) {
        return new Opened.Refused(
            new KernelRing.Opened.Refused(refusal, RingProbe.enterRefused(refusal)));
      }
      Opened ready = new Opened.Ready(new RingPool(file, pooled));
      kept = true;
      return ready;
    } finally {
      if (!kept) {
        ring.close();
      }
    }
  }

  /** A no-op that probes io_uring_enter, which a filter of system calls may refuse. */
  private static final class Probe extends RingOp {
    private int errno;

    static int of(PooledRing ring) {
      Probe probe = new Probe();
      ring.run(probe);
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
    protected void onRefused(int refusal) {
      errno = refusal;
    }
  }

  /**
   * Registers memory for all rings of the pool.
   *
   * @return 0 or the negated errno: EBUSY if there is a registration already, or no ring is idle
   *     and the kernel refuses another
   */
  int register(List<MemorySegment> memory) {
    PooledRing pooled = acquire();
    if (pooled == null) {
      return -Errno.EBUSY;
    }
    try {
      return register(memory, pooled.ring());
    } finally {
      release(pooled);
    }
  }

  private synchronized int register(List<MemorySegment> memory, KernelRing ring) {
    if (source != null) {
      return -Errno.EBUSY;
    }
    List<MemorySegment> copy = Collections.unmodifiableList(new ArrayList<>(memory)); // an identity
    int result = ring.register(copy);
    if (result >= 0) {
      source = ring;
      buffers = copy;
    }
    return result;
  }

  /**
   * Ends the registration of memory for all rings of the pool. A ring in use keeps it until it is
   * acquired again.
   */
  void unregister() {
    forgetRegistration();
    for (int i = 0; i < MAX_RINGS && permits.tryAcquire(); i++) {
      PooledRing pooled = null;
      try {
        pooled = closed ? null : takeIdle(i);
      } finally {
        if (pooled == null) {
          permits.release();
        }
      }
      if (pooled != null) {
        release(pooled);
      }
    }
  }

  private synchronized void forgetRegistration() {
    source = null; // the ring's next owner ends its registration
    buffers = List.of();
  }

  /**
   * Gives a ring the present registration in place of an earlier one. Called by the ring's owner
   * before it prepares operations: memory of an earlier registration may have been unmapped and
   * mapped again since, which the kernel does not notice.
   */
  void refresh(KernelRing ring) {
    if (ring.sharedBuffers() != buffers) {
      shareBuffersWith(ring);
    }
  }

  /** Shares the registered buffers with another ring. */
  synchronized void shareBuffersWith(KernelRing ring) {
    ring.shareBuffers(source, buffers);
  }

  long memoryBytes() {
    return openBytes.sum();
  }

  synchronized FixedBuffers fixed() {
    return source == null ? FixedBuffers.NO_BUFFERS : source.fixed();
  }

  /**
   * Acquires an idle ring, or opens one.
   *
   * @return null if all {@link #MAX_RINGS} rings are in use or the kernel refuses another
   * @throws IllegalStateException if the pool is closed
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
      PooledRing pooled = takeIdle(at);
      if (pooled != null) {
        return pooled;
      }
    }
    return KernelRing.open(ENTRIES, file, SETUP_FLAGS)
            instanceof KernelRing.Opened.Ready(KernelRing ring)
        ? pooledRing(ring)
        : null; // such as EMFILE
  }

  private @Nullable PooledRing takeIdle(int at) {
    PooledRing pooled = idle.get(at) == null ? null : idle.getAndSet(at, null);
    boolean refreshed = false;
    try {
      if (pooled != null) {
        refresh(pooled.ring());
      }
      refreshed = true;
      return pooled;
    } finally {
      if (!refreshed && pooled != null) {
        openBytes.add(-pooled.memoryBytes());
        pooled.close();
      }
    }
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

  /**
   * The index where a thread starts its search: it finds the ring that it used last, unless another
   * thread took it.
   */
  private static int startIndex() {
    return (int) Thread.currentThread().threadId() & (MAX_RINGS - 1);
  }

  /** Returns a ring to the pool. A ring that still has operations in flight is never used again. */
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
   * Refuses further acquisitions, waits until all rings are returned, and closes them. Called once.
   *
   * @param nanos the time limit
   * @return false if operations may still be in flight; their rings and memory then stay open
   */
  boolean close(long nanos) {
    closed = true;
    boolean all = BoundedWait.acquire(permits, MAX_RINGS, nanos);
    if (all) {
      permits.release(MAX_RINGS);
      forgetRegistration(); // the reaper may still run, and must not use a closed descriptor
    }
    for (int i = 0; i < MAX_RINGS; i++) {
      PooledRing pooled = idle.getAndSet(i, null);
      if (pooled != null) {
        pooled.close();
      }
    }
    return all && abandoned.isEmpty();
  }
}
