package dev.carafe.uring;

import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Why there is no ring, or no registered memory, and what would give it (contract F2). */
public final class RingProbe {
  private static final Path DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");

  private RingProbe() {}

  /**
   * Whether a ring can be asked for at all.
   *
   * @return false where the system is not Linux, or native access is denied
   */
  public static boolean isPossible() {
    return Platform.isSupported();
  }

  /**
   * Words for a refused {@code io_uring_setup}.
   *
   * @param errno what it said
   * @return one sentence
   */
  public static String setupRefused(int errno) {
    return switch (errno) {
      case Errno.ENOSYS ->
          "no io_uring: this kernel does not have it (ENOSYS); it takes Linux 5.6 or later";
      case Errno.EPERM ->
          "no io_uring: refused (EPERM); "
              + (disabled().equals("0")
                  ? "a seccomp filter stands in the way, as in many containers; allow"
                      + " io_uring_setup, io_uring_enter and io_uring_register"
                  : "sysctl kernel.io_uring_disabled is " + disabled() + "; 0 allows it");
      case Errno.ENOMEM ->
          "no io_uring: no memory for its rings (ENOMEM); raise RLIMIT_MEMLOCK (ulimit -l)";
      default ->
          "no io_uring: io_uring_setup said "
              + Errno.describe(errno)
              + hint(errno, "io_uring_setup");
    };
  }

  /**
   * Words for a refused {@code io_uring_enter}.
   *
   * @param errno what it said
   * @return one sentence
   */
  public static String enterRefused(int errno) {
    return "no io_uring: a ring was set up, but io_uring_enter said "
        + Errno.describe(errno)
        + hint(errno, "io_uring_enter");
  }

  /**
   * Words for an {@code io_uring_enter} that is refused while the ring is in use.
   *
   * @param errno what it said
   * @return one sentence
   */
  public static String enterRefusedInUse(int errno) {
    return "no io_uring any more: io_uring_enter said "
        + Errno.describe(errno)
        + " while the file was open; a seccomp filter stands in the way, allow io_uring_enter in it"
        + " and open the cache again";
  }

  /**
   * Words for a refused registration of the file.
   *
   * @param errno what it said
   * @return one sentence
   */
  public static String fileRegistrationRefused(int errno) {
    return "no io_uring: registering the file said "
        + Errno.describe(errno)
        + hint(errno, "io_uring_register");
  }

  /**
   * Words for a refused {@code eventfd}.
   *
   * @param errno what it said
   * @return one sentence
   */
  public static String eventfdRefused(int errno) {
    return "no io_uring: eventfd said " + Errno.describe(errno) + hint(errno, "eventfd2");
  }

  /** What changes the system's answer to a call, if anything is known to. */
  private static String hint(int errno, String call) {
    return switch (errno) {
      case Errno.EPERM, Errno.ENOSYS, Errno.EACCES ->
          "; a seccomp filter stands in the way, allow " + call + " in it";
      case Errno.ENOMEM -> "; raise RLIMIT_MEMLOCK (ulimit -l), or free memory";
      case Errno.EMFILE -> "; raise RLIMIT_NOFILE (ulimit -n)";
      case Errno.ENFILE -> "; raise sysctl fs.file-max";
      default -> "";
    };
  }

  /**
   * Words for refused buffer registration, or for one of a part.
   *
   * @param errno what it said
   * @param wantedBytes how much was asked for
   * @param registeredBytes how much of it is registered; 0 if nothing is
   * @return one sentence
   */
  public static String bufferRegistrationRefused(
      int errno, long wantedBytes, long registeredBytes) {
    String what =
        registeredBytes == 0
            ? "no fixed buffers"
            : "fixed buffers for " + registeredBytes + " of " + wantedBytes + " bytes only";
    if (errno != Errno.ENOMEM) {
      String said = ": registering " + wantedBytes + " bytes said " + Errno.describe(errno);
      return what + said + hint(errno, "io_uring_register");
    }
    long limit = LockLimit.bytes();
    return what
        + ": the kernel may not lock "
        + wantedBytes
        + " bytes for this user (ENOMEM"
        + (limit == LockLimit.UNKNOWN ? "" : ", RLIMIT_MEMLOCK is " + limit / 1024 + " KiB")
        + "); raise RLIMIT_MEMLOCK (ulimit -l) to "
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
