package dev.carafe.log;

import org.jspecify.annotations.Nullable;

/** A requested capacity, and how the change ended. Thread-safe. */
public final class ResizeRequest {
  private final long capacityBytes;
  private final int slots;
  private volatile boolean done;
  private volatile @Nullable String failure;

  ResizeRequest(long capacityBytes, int slots) {
    this.capacityBytes = capacityBytes;
    this.slots = slots;
  }

  long capacityBytes() {
    return capacityBytes;
  }

  /** The number of extents of that capacity. */
  int slots() {
    return slots;
  }

  void complete() {
    done = true;
  }

  void fail(String reason) {
    failure = reason;
    done = true;
  }

  /**
   * Whether the change has ended.
   *
   * @return true if it has succeeded or failed
   */
  public boolean isDone() {
    return done;
  }

  /**
   * Why the change failed.
   *
   * @return the effect and the failure of the device; null if it has not failed
   */
  public @Nullable String failure() {
    return failure;
  }
}
