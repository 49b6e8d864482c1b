package dev.carafe.uring;

import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * io_uring for one file, used by many threads, each by the way that costs it least.
 *
 * <p>A platform thread that waits borrows a {@link Lane}, a small ring of its own: one system call
 * submits and waits, and nobody stands between it and the kernel. All else goes by the {@link
 * Reaper}: a virtual thread must not be held in the kernel, and a callback has nobody who waits.
 * All rings share one registration of memory. No thread spins, and none wakes up while nothing is
 * under way (contract B5).
 */
public final class Ring implements AutoCloseable {
  private static final List<Integer> WISHES =
      List.of(
          UringAbi.SETUP_SINGLE_ISSUER | UringAbi.SETUP_DEFER_TASKRUN | UringAbi.SETUP_R_DISABLED,
          UringAbi.SETUP_R_DISABLED);

  private final Lanes lanes;
  private final KernelRing background;
  private final Reaper reaper;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Ring(Lanes lanes, KernelRing background, int entries, int counter) {
    this.lanes = lanes;
    this.background = background;
    this.reaper = new Reaper(background, entries, counter);
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
   * @param entries how many operations may be under way that no platform thread waits for
   * @param file the descriptor that all operations are for
   * @return a ring, or the reason why there is none
   */
  public static Opened open(int entries, int file) {
    if (!RingProbe.isPossible()) {
      return new Opened.Refused("no io_uring: this is not Linux");
    }
    int withCounter = entries == 0 ? 0 : entries + 1; // the reaper's own read takes an entry
    return switch (KernelRing.open(withCounter, file, WISHES)) {
      case KernelRing.Opened.Refused(String reason) -> new Opened.Refused(reason);
      case KernelRing.Opened.Ready(KernelRing background) -> {
        Opened opened = open(background, entries, file);
        if (opened instanceof Opened.Refused) {
          background.close();
        }
        yield opened;
      }
    };
  }

  private static Opened open(KernelRing background, int entries, int file) {
    return switch (Lanes.open(file)) {
      case Lanes.Opened.Refused(String reason) -> new Opened.Refused(reason);
      case Lanes.Opened.Ready(Lanes lanes) -> {
        int counter = Libc.eventCounter();
        if (counter < 0) {
          lanes.close();
          yield new Opened.Refused("no io_uring: eventfd said " + Errno.words(-counter));
        }
        yield new Opened.Ready(new Ring(lanes, background, entries, counter));
      }
    };
  }

  /**
   * Registers memory, so that transfers to and from it spare the kernel looking it up. Before the
   * first operation.
   *
   * @param buffers at most 1 GiB each
   * @return null if it worked, else one sentence why not; the ring is as good as before
   */
  public @Nullable String register(List<MemorySegment> buffers) {
    int result = lanes.register(buffers);
    if (result < 0) {
      long bytes = buffers.stream().mapToLong(MemorySegment::byteSize).sum();
      return RingProbe.whyNoFixedBuffers(-result, bytes);
    }
    lanes.shareWith(background);
    return null;
  }

  /**
   * The queues that are shared with the kernel, of all rings that are open.
   *
   * @return bytes
   */
  public long memoryBytes() {
    return closed.get() ? 0 : background.memoryBytes() + lanes.memoryBytes();
  }

  /**
   * What is registered.
   *
   * @return nothing before {@link #register}
   */
  public FixedBuffers fixed() {
    return lanes.fixed();
  }

  /**
   * Starts operations that the reaper sees to; may wait for places, but not where a callback of
   * this ring calls it, which may start as many as have ended.
   *
   * @param ops not started before
   */
  public void submit(List<? extends RingOp> ops) {
    reaper.submit(ops);
  }

  /**
   * Starts an operation that the reaper sees to.
   *
   * @param op not started before
   */
  public void submit(RingOp op) {
    reaper.submit(op);
  }

  /**
   * Starts an operation and waits for it.
   *
   * @param op not started before
   */
  public void run(RingOp op) {
    Lane lane = laneOfMine();
    if (lane == null) {
      reaper.submit(op);
      op.awaitEnd();
    } else {
      try {
        lane.run(op);
      } finally {
        lanes.giveBack(lane);
      }
    }
  }

  /**
   * Starts operations and waits for all of them.
   *
   * @param ops not started before
   */
  public void runAll(List<? extends RingOp> ops) {
    Lane lane = laneOfMine();
    if (lane == null) {
      reaper.submit(ops);
      ops.forEach(RingOp::awaitEnd);
    } else {
      try {
        lane.run(ops);
      } finally {
        lanes.giveBack(lane);
      }
    }
  }

  private @Nullable Lane laneOfMine() {
    return Thread.currentThread().isVirtual() ? null : lanes.take();
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
   * @throws IllegalStateException if the kernel does not give it back
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      reaper.close();
      lanes.close();
    }
  }
}
