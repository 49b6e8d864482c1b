package dev.carafe.device;

import dev.carafe.uring.ffi.Membarrier;
import org.jspecify.annotations.Nullable;

/** A fence that one thread makes for all threads of the process. */
public final class ProcessBarrier {
  private static final boolean REGISTERED = Membarrier.register();

  private ProcessBarrier() {}

  /**
   * The fence of this system.
   *
   * @return makes a full fence on every running thread; null if the system has none
   */
  public static @Nullable Runnable find() {
    return REGISTERED ? Membarrier::fence : null;
  }
}
