package dev.carafe.uring.ffi;

import java.util.Map;

/** Error numbers of the system calls that Carafe makes, with names and meanings. */
public final class Errno {
  /** Not permitted. */
  public static final int EPERM = 1;

  /** No such file or directory. */
  public static final int ENOENT = 2;

  /** Interrupted by a signal. */
  public static final int EINTR = 4;

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

  private static final Map<Integer, String> WORDS =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM (not permitted)"),
          Map.entry(ENOENT, "ENOENT (no such file or directory)"),
          Map.entry(EINTR, "EINTR (interrupted)"),
          Map.entry(5, "EIO (input/output error)"),
          Map.entry(9, "EBADF (bad file descriptor)"),
          Map.entry(EAGAIN, "EAGAIN (try again)"),
          Map.entry(ENOMEM, "ENOMEM (no memory, or none that may be locked)"),
          Map.entry(EACCES, "EACCES (permission denied)"),
          Map.entry(EFAULT, "EFAULT (bad address)"),
          Map.entry(EBUSY, "EBUSY (busy)"),
          Map.entry(EEXIST, "EEXIST (the file exists)"),
          Map.entry(20, "ENOTDIR (not a directory)"),
          Map.entry(21, "EISDIR (is a directory)"),
          Map.entry(EINVAL, "EINVAL (invalid argument)"),
          Map.entry(27, "EFBIG (file too large)"),
          Map.entry(28, "ENOSPC (no space left on device)"),
          Map.entry(30, "EROFS (read-only file system)"),
          Map.entry(ENOSYS, "ENOSYS (no such system call)"),
          Map.entry(ELOOP, "ELOOP (a symbolic link, or too many)"),
          Map.entry(ENFILE, "ENFILE (too many open files in system)"),
          Map.entry(EMFILE, "EMFILE (too many open files)"),
          Map.entry(EOPNOTSUPP, "EOPNOTSUPP (not supported)"),
          Map.entry(122, "EDQUOT (disk quota exceeded)"),
          Map.entry(ECANCELED, "ECANCELED (cancelled)"));

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
}
