package dev.carafe.uring;

import dev.carafe.base.StackReserve;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.NativeMapping;
import dev.carafe.uring.ffi.Platform;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * io_uring for one file, used by many threads, each by the way that costs it least.
 *
 * <p>A platform thread that waits borrows a {@link PooledRing}, a small ring of its own: one system
 * call submits and waits, and nobody stands between it and the kernel. All else goes by the {@link
 * Reaper}: a virtual thread must not be held in the kernel, and a callback has nobody who waits.
 * All rings share one registration of memory. No thread spins, and none wakes up while nothing is
 * under way (contract B5).
 */
public final class Ring implements AutoCloseable {
  /** So long does closing wait for the kernel (contract M4). */
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
     * @param errno what the kernel said; 0 if it was not asked
     * @param reason one sentence
     */
    record Refused(int errno, String reason) implements Opened {}
  }

  /**
   * Asks the kernel for a ring.
   *
   * @param entries how many operations may be under way that no platform thread waits for
   * @param file the descriptor that all operations are for
   * @return a ring, or the reason why there is none
   */
  public static Opened open(int entries, int file) {
    if (!RingProbe.isPossible()) {
      return new Opened.Refused(0, "no io_uring: " + Platform.unsupportedReason());
    }
    int withCounter = entries == 0 ? 0 : entries + 1; // the reaper's own read takes an entry
    return switch (KernelRing.open(withCounter, file, RingPool.SETUP_FLAGS)) {
      case KernelRing.Opened.Refused(int errno, String reason) -> new Opened.Refused(errno, reason);
      case KernelRing.Opened.Ready(KernelRing background) -> open(background, entries, file);
    };
  }

  private static Opened open(KernelRing background, int entries, int file) {
    Opened opened = null;
    try {
      opened =
          switch (RingPool.open(file)) {
            case RingPool.Opened.Refused(int errno, String reason) ->
                new Opened.Refused(errno, reason);
            case RingPool.Opened.Ready(RingPool pool) -> open(background, entries, pool);
          };
      return opened;
    } finally {
      if (!(opened instanceof Opened.Ready)) {
        background.close();
      }
    }
  }

  private static Opened open(KernelRing background, int entries, RingPool pool) {
    int counter = Libc.eventfd();
    NativeMapping counterValue = null;
    boolean ready = false;
    try {
      if (counter < 0) {
        return new Opened.Refused(-counter, RingProbe.eventfdRefused(-counter));
      }
      counterValue = NativeMapping.map(Long.BYTES, false);
      Reaper reaper = new Reaper(background, entries, counter, counterValue);
      Opened.Ready opened = new Opened.Ready(new Ring(pool, background, reaper));
      ready = true;
      return opened;
    } finally {
      if (!ready) {
        if (counterValue != null) {
          counterValue.close();
        }
        if (counter >= 0) {
          var _ = Libc.close(counter);
        }
        var _ = pool.close(CLOSE_NANOS);
      }
    }
  }

  /**
   * Registers memory, so that transfers to and from it spare the kernel looking it up. Before the
   * first operation.
   *
   * @param buffers at most 1 GiB each
   * @return 0 if it worked, else the errno; the ring is as good as before then, and can be asked
   *     again
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
   * The queues that are shared with the kernel, of all rings that are open.
   *
   * @return bytes
   */
  public long memoryBytes() {
    return closed.get() ? 0 : background.memoryBytes() + pool.memoryBytes();
  }

  /**
   * What is registered.
   *
   * @return nothing before {@link #register}
   */
  public FixedBuffers fixed() {
    return pool.fixed();
  }

  /**
   * What is wrong with the thread that serves those who don't wait in the kernel.
   *
   * @return one sentence; null if nothing is
   */
  public @Nullable String trouble() {
    return reaper.trouble();
  }

  /**
   * Starts operations that the reaper sees to; may wait for places, but not where a callback of
   * this ring calls it, which may start as many as have ended. An operation that the ring can't do
   * is told so, see {@link RingOp#onRefused}; so are those of the methods below.
   *
   * @param ops not started before
   */
  public void submit(List<? extends RingOp> ops) {
    StackReserve.check(StackReserve.MEMORY_KIB);
    reaper.submit(ops);
  }

  /**
   * Starts an operation that the reaper sees to.
   *
   * @param op not started before
   */
  public void submit(RingOp op) {
    StackReserve.check(StackReserve.MEMORY_KIB);
    reaper.submit(op);
  }

  /**
   * Starts an operation and waits for it.
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
   * Starts operations and waits for all of them.
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
   * Refuses new operations, waits until those under way have ended and are told, and gives the ring
   * back. A second call does nothing.
   *
   * @throws IllegalStateException if the kernel still has operations after half a minute: they are
   *     given up, and no memory of the process is unmapped any more, for they may end later
   */
  @Override
  public void close() {
    close(CLOSE_NANOS);
  }

  /** The same with another bound. */
  void close(long nanos) {
    if (closed.compareAndSet(false, true)) {
      boolean reaperDone = reaper.close(nanos);
      boolean poolDone = pool.close(nanos);
      if (!reaperDone || !poolDone) {
        NativeMapping.disableUnmap();
        throw new IllegalStateException(
            "the kernel still has operations "
                + TimeUnit.NANOSECONDS.toSeconds(nanos)
                + " s after close; they are given up, and their memory stays mapped");
      }
    }
  }
}
