package dev.carafe.uring.ffi;

import java.lang.foreign.Arena;

/** membarrier(2): a full fence on every running thread of the process, made by one of them. */
public final class Membarrier {
  private static final int NR = System.getProperty("os.arch").equals("aarch64") ? 283 : 324;
  private static final int GLOBAL = 1;
  private static final int PRIVATE_EXPEDITED = 1 << 3;
  private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;

  private Membarrier() {}

  /**
   * Asks for it, once for the process and before the first fence.
   *
   * @return whether it is to be had: Linux 4.14 or later, and no filter of system calls against it
   */
  public static boolean register() {
    return Platform.isSupported() && command(REGISTER_PRIVATE_EXPEDITED) == 0;
  }

  /**
   * What a thread of this process wrote before this is seen after it, and what it reads after this
   * it has not read before. Takes about a microsecond.
   */
  public static void fence() {
    if (command(PRIVATE_EXPEDITED) != 0) { // the kernel had no memory for the set of processors
      if (command(GLOBAL) != 0) { // a filter of system calls came after register()
        byHandshake();
      }
    }
  }

  /**
   * The virtual machine stops each thread for a moment when a shared arena is closed, which is a
   * fence for all of them, some 50 times slower.
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
