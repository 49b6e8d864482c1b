package dev.carafe.uring;

import dev.carafe.base.StackReserve;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.NativeMapping;
import dev.carafe.uring.ffi.Platform;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * io_uring for one file, used by many threads.
 *
 * <p>A platform thread that waits acquires a {@link PooledRing}: one system call submits and waits,
 * without a hand-over to another thread. Virtual threads and operations with callbacks use the
 * {@link Reaper}: a virtual thread must not block its carrier in the kernel, and no thread waits
 * for a callback. All rings share one registration of memory. No thread spins, and none wakes up
 * while no operation is in flight (contract B5).
 */
public final class Ring implements AutoCloseable {
  /** The time limit of closing (contract M4). */
  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final RingPool pool;
  private final KernelRing background;
  private final Reaper reaper;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Ring(RingPool pool, KernelRing background, Reaper reaper) {
    this.pool = pool;
    this.background = background;
    this.reaper = reaper;
  }

  /** The result of opening a ring. */
  public sealed interface Opened {
    /**
     * The ring is open.
     *
     * @param ring the caller closes it
     */
    record Ready(Ring ring) implements Opened {}

    /**
     * There is no ring.
     *
     * @param errno the kernel's errno; 0 if the kernel was not called
     * @param reason one sentence
     */
    record Refused(int errno, String reason) implements Opened {}
  }

  /**
   * Opens a ring.
   *
   * @param entries the maximum number of operations in flight that no platform thread waits for
   * @param file the file descriptor that all operations use
   * @return the ring, or the reason of the refusal
   */
  public static Opened open(int entries, int file) {
    if (!RingProbe.isPossible()) {
      return new Opened.Refused(0, "no io_uring: " + Platform.unsupportedReason());
    }
    int withEventfd = entries == 0 ? 0 : entries + 1; // the reaper's eventfd read takes an entry
    KernelRing.Opened opened = KernelRing.open(withEventfd, file, RingPool.SETUP_FLAGS);
    return opened instanceof KernelRing.Opened.Ready(KernelRing background)
        ? open(background, entries, file)
        : refused((KernelRing.Opened.Refused) opened);
  }

  private static Opened refused(KernelRing.Opened.Refused refused) {
    return new Opened.Refused(refused.errno(), refused.reason());
  }

  private static Opened open(KernelRing background, int entries, int file) {
    Opened opened = null;
    try {
      RingPool.Opened found = RingPool.open(file);
      opened =
          found instanceof RingPool.Opened.Ready(RingPool pool)
              ? open(background, entries, pool)
              : refused(((RingPool.Opened.Refused) found).cause());
      return opened;
    } finally {
      if (!(opened instanceof Opened.Ready)) {
        background.close();
      }
    }
  }

  private static Opened open(KernelRing background, int entries, RingPool pool) {
    int eventfd = Libc.eventfd();
    NativeMapping eventfdValue = null;
    boolean ready = false;
    try {
      if (eventfd < 0) {
        return new Opened.Refused(-eventfd, RingProbe.eventfdRefused(-eventfd));
      }
      eventfdValue = NativeMapping.map(Long.BYTES, false);
      Reaper reaper =
          new Reaper(background, entries, new WakeUpEvent(eventfd, eventfdValue), pool::refresh);
      Opened.Ready opened = new Opened.Ready(new Ring(pool, background, reaper));
      ready = true;
      return opened;
    } finally {
      if (!ready) {
        if (eventfdValue != null) {
          eventfdValue.close();
        }
        if (eventfd >= 0) {
          var _ = Libc.close(eventfd);
        }
        var _ = pool.close(CLOSE_NANOS);
      }
    }
  }

  /**
   * Registers memory with the kernel, so that transfers of it need no page look-up and pinning each
   * time. Called before the first operation.
   *
   * @param buffers at most 1 GiB each
   * @return 0, or the errno; after a failure the ring stays usable, and the call can be repeated
   */
  public int register(List<MemorySegment> buffers) {
    int result = pool.register(buffers);
    if (result < 0) {
      return -result;
    }
    pool.shareBuffersWith(background);
    return 0;
  }

  /**
   * Ends the registration of memory, and registers other memory. Operations in flight keep their
   * buffers until they complete. Not called by two threads at once.
   *
   * @param registration calls {@link #registerShared}, maybe several times
   */
  public void replaceRegistration(Runnable registration) {
    pool.unregister();
    reaper.refresh();
    registration.run();
  }

  /**
   * As {@link #register}, while operations are in flight. Each ring uses the memory from its next
   * operation on.
   *
   * @param buffers at most 1 GiB each
   * @return 0, or the errno; after a failure the call can be repeated
   */
  public int registerShared(List<MemorySegment> buffers) {
    return Math.max(0, -pool.register(buffers));
  }

  /**
   * The memory of the queues that all open rings share with the kernel.
   *
   * @return bytes
   */
  public long memoryBytes() {
    return closed.get() ? 0 : background.memoryBytes() + pool.memoryBytes();
  }

  /**
   * The registered buffers.
   *
   * @return empty before {@link #register}
   */
  public FixedBuffers fixed() {
    return pool.fixed();
  }

  /**
   * Describes a failure of the reaper's thread.
   *
   * @return one sentence; null if the thread has not failed
   */
  public @Nullable String failure() {
    return reaper.failure();
  }

  /**
   * Submits operations through the reaper. May wait for permits, except in a callback of this ring,
   * which may start one operation for each completed one. If the ring can't run an operation, it
   * calls {@link RingOp#onRefused}; the methods below do the same.
   *
   * @param ops not started before
   */
  public void submit(List<? extends RingOp> ops) {
    StackReserve.check(StackReserve.MEMORY_KIB);
    reaper.submit(ops);
  }

  /**
   * Submits an operation through the reaper.
   *
   * @param op not started before
   */
  public void submit(RingOp op) {
    StackReserve.check(StackReserve.MEMORY_KIB);
    reaper.submit(op);
  }

  /**
   * Submits an operation and waits until it has completed.
   *
   * @param op not started before
   */
  public void run(RingOp op) {
    StackReserve.check(StackReserve.MEMORY_KIB);
    PooledRing pooled = pooledRing();
    if (pooled == null) {
      reaper.submit(op);
      op.awaitEnd();
    } else {
      try {
        pooled.run(op);
      } finally {
        pool.release(pooled);
      }
    }
  }

  /**
   * Submits operations and waits until all have completed.
   *
   * @param ops not started before
   */
  public void runAll(List<? extends RingOp> ops) {
    StackReserve.check(StackReserve.MEMORY_KIB);
    PooledRing pooled = pooledRing();
    if (pooled == null) {
      reaper.submit(ops);
      ops.forEach(RingOp::awaitEnd);
    } else {
      try {
        pooled.run(ops);
      } finally {
        pool.release(pooled);
      }
    }
  }

  private @Nullable PooledRing pooledRing() {
    return Thread.currentThread().isVirtual() ? null : pool.acquire();
  }

  /**
   * Waits for an operation.
   *
   * @param op started before
   */
  public void await(RingOp op) {
    op.awaitEnd();
  }

  /**
   * Refuses new operations, waits up to 30 s in total until those in flight have completed and
   * their callbacks have run, and closes the ring. A second call does nothing.
   *
   * @throws IllegalStateException if operations are still in flight after 30 s. They are abandoned,
   *     and from then on the process unmaps no memory, since the kernel may still write to it
   */
  @Override
  public void close() {
    close(CLOSE_NANOS);
  }

  /** Closes with another time limit. */
  void close(long nanos) {
    close(nanos, System::nanoTime);
  }

  /** Closes with another time limit, which the reaper and the pool share, and another clock. */
  void close(long nanos, LongSupplier clock) {
    if (closed.compareAndSet(false, true)) {
      long end = clock.getAsLong() + nanos;
      boolean reaperDone = reaper.close(nanos);
      boolean poolDone = pool.close(end - clock.getAsLong()); // does not wait if no time is left
      if (!reaperDone || !poolDone) {
        NativeMapping.disableUnmap();
        throw new IllegalStateException(
            "operations are still in flight "
                + TimeUnit.NANOSECONDS.toSeconds(nanos)
                + " s after close; they are abandoned, their memory stays mapped and the file stays"
                + " locked until the process ends");
      }
    }
  }
}
