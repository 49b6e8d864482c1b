package dev.carafe.uring;

import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Messages for refused rings and registrations: what failed, and what allows it (contract F2). */
public final class RingProbe {
  private static final Path DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");

  private RingProbe() {}

  /**
   * Whether this platform can have io_uring.
   *
   * @return false if the system is not Linux or native access is denied
   */
  public static boolean isPossible() {
    return Platform.isSupported();
  }

  /**
   * The message for a refused {@code io_uring_setup}.
   *
   * @param errno of the call
   * @return one sentence
   */
  public static String setupRefused(int errno) {
    return switch (errno) {
      case Errno.ENOSYS, Errno.EINVAL -> // EINVAL: SETUP_CLAMP and OP_READ are of Linux 5.6
          "no io_uring: io_uring_setup failed with "
              + Errno.describe(errno)
              + "; use Linux 5.6 or later, with CONFIG_IO_URING";
      case Errno.EPERM ->
          "no io_uring: io_uring_setup failed with EPERM (operation not permitted); "
              + (disabled().equals("0")
                  ? "a seccomp filter blocks it, as in many containers: allow io_uring_setup,"
                      + " io_uring_enter and io_uring_register in its profile"
                  : "sysctl kernel.io_uring_disabled is " + disabled() + ": set it to 0");
      case Errno.ENOMEM ->
          "no io_uring: io_uring_setup failed with ENOMEM (no memory for the rings);"
              + " raise RLIMIT_MEMLOCK (ulimit -l)";
      default ->
          "no io_uring: io_uring_setup failed with "
              + Errno.describe(errno)
              + hint(errno, "io_uring_setup");
    };
  }

  /**
   * The message for an {@code io_uring_enter} that is refused at opening.
   *
   * @param errno of the call
   * @return one sentence
   */
  public static String enterRefused(int errno) {
    return "no io_uring: the ring was set up, but io_uring_enter failed with "
        + Errno.describe(errno)
        + hint(errno, "io_uring_enter");
  }

  /**
   * The message for an {@code io_uring_enter} that is refused while the ring is in use.
   *
   * @param errno of the call
   * @return one sentence
   */
  public static String enterRefusedInUse(int errno) {
    return "no io_uring any more: io_uring_enter failed with "
        + Errno.describe(errno)
        + " while the file was open, probably by a seccomp filter: allow io_uring_enter in it and"
        + " open the cache again";
  }

  /**
   * The message for a refused registration of the file.
   *
   * @param errno of the call
   * @return one sentence
   */
  public static String fileRegistrationRefused(int errno) {
    return "no io_uring: io_uring_register of the file failed with "
        + Errno.describe(errno)
        + hint(errno, "io_uring_register");
  }

  /**
   * The message for a refused {@code eventfd}.
   *
   * @param errno of the call
   * @return one sentence
   */
  public static String eventfdRefused(int errno) {
    return "no io_uring: eventfd failed with " + Errno.describe(errno) + hint(errno, "eventfd2");
  }

  /** The remedy for an errno of a call; empty if none is known. */
  private static String hint(int errno, String call) {
    return switch (errno) {
      case Errno.EPERM, Errno.ENOSYS, Errno.EACCES ->
          "; a seccomp filter may block the call: allow " + call + " in it";
      case Errno.ENOMEM -> "; raise RLIMIT_MEMLOCK (ulimit -l), or free memory";
      case Errno.EMFILE -> "; raise RLIMIT_NOFILE (ulimit -n)";
      case Errno.ENFILE -> "; raise sysctl fs.file-max";
      default -> "";
    };
  }

  /**
   * The message for a refused or partial registration of buffers.
   *
   * @param errno of the call
   * @param wantedBytes how much memory was to be registered
   * @param registeredBytes how much of it is registered; 0 if none is
   * @return one sentence
   */
  public static String bufferRegistrationRefused(
      int errno, long wantedBytes, long registeredBytes) {
    String what =
        registeredBytes == 0
            ? "no fixed buffers"
            : "fixed buffers for " + registeredBytes + " of " + wantedBytes + " bytes only";
    if (errno != Errno.ENOMEM) {
      String failure =
          ": io_uring_register of " + wantedBytes + " bytes failed with " + Errno.describe(errno);
      return what + failure + hint(errno, "io_uring_register");
    }
    long limit = LockLimit.bytes();
    return what
        + ": io_uring_register failed with ENOMEM, since the kernel can't lock "
        + wantedBytes
        + " bytes for this user"
        + (limit == LockLimit.UNKNOWN ? "" : " (RLIMIT_MEMLOCK is " + limit / 1024 + " KiB)")
        + "; raise RLIMIT_MEMLOCK (ulimit -l) to "
        + (wantedBytes / 1024 + 1)
        + " KiB or give CAP_IPC_LOCK";
  }

  private static String disabled() {
    try {
      return Files.readString(DISABLED).strip();
    } catch (IOException e) {
      return "0";
    }
  }
}
