package dev.carafe.device;

import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Set;

/**
 * Punches holes into one file by {@code fallocate}, until the file system, a filter of system calls
 * or the system refuses it. The file then keeps its blocks. Thread-safe.
 */
final class HolePunch {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  /** Errors of this call alone. All others mean that later calls fail, too. */
  private static final Set<Integer> TRANSIENT_ERRNOS =
      Set.of(Errno.EINTR, Errno.EAGAIN, Errno.EIO, Errno.ENOMEM, Errno.ENOSPC);

  private final Path path;
  private volatile boolean refused;

  HolePunch(Path path) {
    this.path = path;
  }

  /** Punches a hole. Returns false if that failed, or was refused before. */
  boolean run(int fd, long offset, long bytes) {
    if (refused || fd < 0) {
      return false;
    }
    int result = Libc.punchHole(fd, offset, bytes);
    if (result < 0 && !TRANSIENT_ERRNOS.contains(-result)) {
      refused = true;
      LOG.log(
          Level.DEBUG,
          path
              + ": empty parts of the file keep their blocks, since fallocate failed with "
              + Errno.describe(-result));
    }
    return result >= 0;
  }
}
