package dev.carafe.uring.ffi;

import java.lang.foreign.Arena;

/** membarrier(2): one thread executes a full fence on every running thread of the process. */
public final class Membarrier {
  private static final int NR = System.getProperty("os.arch").equals("aarch64") ? 283 : 324;
  private static final int GLOBAL = 1;
  private static final int PRIVATE_EXPEDITED = 1 << 3;
  private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;

  private Membarrier() {}

  /**
   * Registers the process, once and before the first fence.
   *
   * @return whether membarrier is available: Linux 4.14 or later, unless a filter refuses the call
   */
  public static boolean register() {
    return Platform.isSupported() && command(REGISTER_PRIVATE_EXPEDITED) == 0;
  }

  /**
   * Executes a full fence on every running thread: their writes before the call are visible after
   * it, and their reads after it are not moved before it. Takes about 1 µs.
   */
  public static void fence() {
    if (command(PRIVATE_EXPEDITED) != 0) { // the kernel could not allocate the processor mask
      if (command(GLOBAL) != 0) { // a filter was installed after register()
        byHandshake();
      }
    }
  }

  /**
   * Closing a shared arena performs a thread-local handshake with each thread, which is a fence for
   * all of them. It is about 50 times slower.
   */
  private static void byHandshake() {
    try (Arena arena = Arena.ofShared()) {
      var _ = arena.scope();
    }
  }

  private static long command(int command) {
    return Libc.syscall(NR, command, 0, 0, 0, 0);
  }
}
