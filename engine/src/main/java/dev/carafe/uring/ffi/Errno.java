package dev.carafe.uring.ffi;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Error numbers of the system calls that Carafe makes, with names and meanings. */
public final class Errno {
  /** Not permitted. */
  public static final int EPERM = 1;

  /** No such file or directory. */
  public static final int ENOENT = 2;

  /** Interrupted by a signal. */
  public static final int EINTR = 4;

  /** Input/output error. */
  public static final int EIO = 5;

  /** Try again; for flock: another open file holds the lock. */
  public static final int EAGAIN = 11;

  /** Out of memory, or the limit on locked memory is reached. */
  public static final int ENOMEM = 12;

  /** Permission denied. */
  public static final int EACCES = 13;

  /** Bad address; a ring also returns it for a read whose submitting thread has exited. */
  public static final int EFAULT = 14;

  /** Busy. */
  public static final int EBUSY = 16;

  /** The path exists. */
  public static final int EEXIST = 17;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** The system-wide limit on file descriptors is reached. */
  public static final int ENFILE = 23;

  /** The process's limit on file descriptors is reached. */
  public static final int EMFILE = 24;

  /** The file would be longer than the file system or RLIMIT_FSIZE allows. */
  public static final int EFBIG = 27;

  /** The file system is full. */
  public static final int ENOSPC = 28;

  /** Operation not supported by the file. */
  public static final int EOPNOTSUPP = 95;

  /** No such system call. */
  public static final int ENOSYS = 38;

  /** Too many symbolic links, or a link where none is allowed. */
  public static final int ELOOP = 40;

  /** Timer expired. */
  public static final int ETIME = 62;

  /** Cancelled, by the exit of the submitting thread: Carafe cancels no operation. */
  public static final int ECANCELED = 125;

  /** Name and text of each number; Java's exceptions have the text, in upper and lower case. */
  private static final Map<Integer, String> WORDS =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM (operation not permitted)"),
          Map.entry(ENOENT, "ENOENT (no such file or directory)"),
          Map.entry(EINTR, "EINTR (interrupted system call)"),
          Map.entry(EIO, "EIO (input/output error)"),
          Map.entry(6, "ENXIO (no such device or address)"),
          Map.entry(9, "EBADF (bad file descriptor)"),
          Map.entry(EAGAIN, "EAGAIN (resource temporarily unavailable)"),
          Map.entry(ENOMEM, "ENOMEM (cannot allocate memory)"),
          Map.entry(EACCES, "EACCES (permission denied)"),
          Map.entry(EFAULT, "EFAULT (bad address)"),
          Map.entry(EBUSY, "EBUSY (device or resource busy)"),
          Map.entry(EEXIST, "EEXIST (file exists)"),
          Map.entry(18, "EXDEV (invalid cross-device link)"),
          Map.entry(19, "ENODEV (no such device)"),
          Map.entry(20, "ENOTDIR (not a directory)"),
          Map.entry(21, "EISDIR (is a directory)"),
          Map.entry(EINVAL, "EINVAL (invalid argument)"),
          Map.entry(ENFILE, "ENFILE (too many open files in system)"),
          Map.entry(EMFILE, "EMFILE (too many open files)"),
          Map.entry(26, "ETXTBSY (text file busy)"),
          Map.entry(EFBIG, "EFBIG (file too large)"),
          Map.entry(ENOSPC, "ENOSPC (no space left on device)"),
          Map.entry(30, "EROFS (read-only file system)"),
          Map.entry(31, "EMLINK (too many links)"),
          Map.entry(36, "ENAMETOOLONG (file name too long)"),
          Map.entry(37, "ENOLCK (no locks available)"),
          Map.entry(ENOSYS, "ENOSYS (function not implemented)"),
          Map.entry(ELOOP, "ELOOP (too many levels of symbolic links)"),
          Map.entry(ETIME, "ETIME (timer expired)"),
          Map.entry(75, "EOVERFLOW (value too large for defined data type)"),
          Map.entry(EOPNOTSUPP, "EOPNOTSUPP (operation not supported)"),
          Map.entry(107, "ENOTCONN (transport endpoint is not connected)"),
          Map.entry(110, "ETIMEDOUT (connection timed out)"),
          Map.entry(116, "ESTALE (stale file handle)"),
          Map.entry(117, "EUCLEAN (structure needs cleaning)"),
          Map.entry(121, "EREMOTEIO (remote I/O error)"),
          Map.entry(122, "EDQUOT (disk quota exceeded)"),
          Map.entry(ECANCELED, "ECANCELED (operation canceled)"));

  private Errno() {}

  /**
   * Describes an error number.
   *
   * @param errno positive
   * @return its name and meaning, such as {@code EIO (input/output error)}
   */
  public static String describe(int errno) {
    return WORDS.getOrDefault(errno, "errno " + errno);
  }

  /**
   * Describes an error number, and what an operator can do about it.
   *
   * @param errno positive
   * @return such as {@code ENOSPC (no space left on device); free space on the file system}
   */
  public static String explain(int errno) {
    return describe(errno) + remedy(errno);
  }

  private static String remedy(int errno) {
    return switch (errno) {
      case EPERM, EACCES -> "; give the process's user access to the path";
      case EIO, 117, 121 -> "; check the disk and the kernel's log (dmesg)";
      case ENOMEM -> "; free memory, or raise the limits of the process or its container";
      case ENFILE -> "; raise sysctl fs.file-max";
      case EMFILE -> "; raise RLIMIT_NOFILE (ulimit -n)";
      case EFBIG -> "; raise RLIMIT_FSIZE (ulimit -f), or use a file system for longer files";
      case ENOSPC -> "; free space on the file system";
      case 30 -> "; mount the file system for writing";
      case 36 -> "; use a shorter path";
      case 37, EOPNOTSUPP -> "; use a file system that supports the call, such as ext4 or XFS";
      case 107, 110, 116 -> "; check the file system's server, and mount it again";
      case 122 -> "; raise the quota, or free space within it";
      default -> "";
    };
  }

  /**
   * Derives the error number of an exception of Java's file channels from its message. On other
   * systems than Linux, the result is Linux's number of the same error.
   *
   * @param thrown by an operation on a file
   * @return 0 if the message is not known
   */
  public static int of(Throwable thrown) {
    return switch (thrown) {
      case NoSuchFileException _ -> ENOENT;
      case AccessDeniedException _ -> EACCES;
      case FileAlreadyExistsException _ -> EEXIST;
      case FileSystemException e -> ofText(e.getReason());
      default -> ofText(thrown.getMessage());
    };
  }

  private static int ofText(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    String suffix = " (" + text.toLowerCase(Locale.ROOT) + ")";
    for (Map.Entry<Integer, String> entry : WORDS.entrySet()) {
      if (entry.getValue().toLowerCase(Locale.ROOT).endsWith(suffix)) {
        return entry.getKey();
      }
    }
    return 0;
  }
}
