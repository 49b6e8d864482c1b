package dev.carafe.device;

import dev.carafe.uring.ffi.Membarrier;
import org.jspecify.annotations.Nullable;

/** A full fence on all threads of the process, executed by one thread. */
public final class ProcessBarrier {
  private static final boolean REGISTERED = Membarrier.register();

  private ProcessBarrier() {}

  /**
   * The process-wide fence, if the system has one.
   *
   * @return executes a full fence on every running thread; null if membarrier(2) is not available
   */
  public static @Nullable Runnable find() {
    return REGISTERED ? Membarrier::fence : null;
  }
}
