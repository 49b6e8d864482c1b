package dev.carafe.uring.ffi;

import java.util.Map;

/** The system's error numbers that this product meets, with words. */
public final class Errno {
  /** Not permitted. */
  public static final int EPERM = 1;

  /** No such file or directory. */
  public static final int ENOENT = 2;

  /** Interrupted by a signal. */
  public static final int EINTR = 4;

  /** Try again; for flock, held by somebody else. */
  public static final int EAGAIN = 11;

  /** No memory, or none that may be locked. */
  public static final int ENOMEM = 12;

  /** Permission denied. */
  public static final int EACCES = 13;

  /** A bad address; to a ring also what a submitter's exit leaves of its reads. */
  public static final int EFAULT = 14;

  /** Busy. */
  public static final int EBUSY = 16;

  /** The path names something already. */
  public static final int EEXIST = 17;

  /** An argument that the system does not take. */
  public static final int EINVAL = 22;

  /** The system has no more descriptors. */
  public static final int ENFILE = 23;

  /** The process may not have more descriptors. */
  public static final int EMFILE = 24;

  /** Not supported by this file. */
  public static final int EOPNOTSUPP = 95;

  /** No such system call. */
  public static final int ENOSYS = 38;

  /** A symbolic link where none may be, or too many. */
  public static final int ELOOP = 40;

  /** A timer ran out. */
  public static final int ETIME = 62;

  /** Cancelled; nobody here cancels, but the exit of a submitter does. */
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
   * An error number in words.
   *
   * @param errno positive
   * @return its name and meaning
   */
  public static String describe(int errno) {
    return WORDS.getOrDefault(errno, "errno " + errno);
  }
}
