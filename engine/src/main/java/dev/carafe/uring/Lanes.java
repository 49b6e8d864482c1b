package dev.carafe.uring;

import dev.carafe.uring.ffi.UringAbi;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of one file: opened as they are needed, lent to one platform thread at a time, all of
 * them sharing the memory that the first has registered.
 */
final class Lanes implements AutoCloseable {
  /** More threads than that are no faster on any device, and each lane costs a descriptor. */
  private static final int MOST = 64;

  private static final int ENTRIES = 64;
  private static final List<Integer> WISHES = List.of(UringAbi.SETUP_COOP_TASKRUN, 0);

  private final int file;
  private final KernelRing first;
  private final AtomicReferenceArray<@Nullable Lane> idle = new AtomicReferenceArray<>(MOST);

  /** One for each lane that may be lent; who closes takes them all. */
  private final Semaphore permits = new Semaphore(MOST);

  /** Of the lanes that are open, lent or not. */
  private final LongAdder openBytes = new LongAdder();

  private volatile List<MemorySegment> buffers = List.of();
  private volatile boolean closed;

  private Lanes(int file, KernelRing first) {
    this.file = file;
    this.first = first;
  }

  /** Lanes, or why there are none. */
  sealed interface Opened {
    /** Lanes, to be closed. */
    record Ready(Lanes lanes) implements Opened {}

    /** None, and why. */
    record Refused(String reason) implements Opened {}
  }

  /** Opens the ring that holds the registered memory. */
  static Opened open(int file) {
    return switch (KernelRing.open(1, file, WISHES)) {
      case KernelRing.Opened.Ready(KernelRing ring) -> new Opened.Ready(new Lanes(file, ring));
      case KernelRing.Opened.Refused(String reason) -> new Opened.Refused(reason);
    };
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
  @Nullable Lane take() {
    if (!permits.tryAcquire()) {
      requireOpen();
      return null;
    }
    Lane lane = null;
    try {
      requireOpen();
      lane = find();
      return lane;
    } finally {
      if (lane == null) {
        permits.release();
      }
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the device is closed");
    }
  }

  private @Nullable Lane find() {
    int from = place();
    for (int i = 0; i < MOST; i++) {
      int at = (from + i) & (MOST - 1);
      Lane lane = idle.get(at) == null ? null : idle.getAndSet(at, null);
      if (lane != null) {
        return lane;
      }
    }
    return switch (KernelRing.open(ENTRIES, file, WISHES)) {
      case KernelRing.Opened.Ready(KernelRing ring) -> {
        shareWith(ring);
        openBytes.add(ring.memoryBytes());
        yield new Lane(ring);
      }
      case KernelRing.Opened.Refused refused -> null; // no more descriptors, say
    };
  }

  /** A thread begins its search where it put its lane the last time, if nobody took it. */
  private static int place() {
    return (int) Thread.currentThread().threadId() & (MOST - 1);
  }

  /** Takes back a lane; one that could not wait for its operations is never used again. */
  void giveBack(Lane lane) {
    boolean kept = !lane.isIdle();
    int from = place();
    for (int i = 0; i < MOST && !kept; i++) {
      kept = idle.compareAndSet((from + i) & (MOST - 1), null, lane);
    }
    if (!kept) {
      openBytes.add(-lane.memoryBytes());
      lane.close();
    }
    permits.release();
  }

  /** Refuses to lend, waits until all lanes are back, and closes them. Called once. */
  @Override
  public void close() {
    closed = true;
    permits.acquireUninterruptibly(MOST);
    permits.release(MOST);
    for (int i = 0; i < MOST; i++) {
      Lane lane = idle.getAndSet(i, null);
      if (lane != null) {
        lane.close();
      }
    }
    first.close();
  }
}
