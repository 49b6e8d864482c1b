package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The C library functions that Carafe calls. Each returns the function's result, or the negated
 * errno if it failed.
 *
 * <p>None is a critical downcall: each can block, and garbage collection must not wait for it.
 */
public final class Libc {
  /** Open for reading. */
  public static final int O_RDONLY = 0;

  /** Open for reading and writing. */
  public static final int O_RDWR = 2;

  /** Create if missing. */
  public static final int O_CREAT = 0x40;

  /** With {@link #O_CREAT}: fail with EEXIST if the path exists. */
  public static final int O_EXCL = 0x80;

  /** Close the descriptor in child processes (on exec). */
  public static final int O_CLOEXEC = 0x80000;

  /** Bypass the page cache. The value depends on the processor. */
  public static final int O_DIRECT =
      System.getProperty("os.arch").equals("aarch64") ? 0x10000 : 0x4000;

  /** Fail with ELOOP if the path is a symbolic link. The value depends on the processor. */
  public static final int O_NOFOLLOW =
      System.getProperty("os.arch").equals("aarch64") ? 0x8000 : 0x20000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /**
   * The signature of all calls. Each further signature takes about 20 ms to link at startup. On
   * both processors integers and addresses are passed in the same registers, and a function ignores
   * surplus arguments. The metadata for native images lists it.
   */
  static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /**
   * The linker must know variadic functions, such as {@code syscall} and {@code open}; for other
   * functions that option makes no difference.
   */
  static final List<Linker.Option> OPTIONS =
      List.of(Linker.Option.firstVariadicArg(1), Linker.Option.captureCallState("errno"));

  private static final MethodHandle SYSCALL = function("syscall").handle;
  private static final MethodHandle EVENTFD_WRITE = function("eventfd_write").handle;
  private static final Function OPEN = function("open");
  private static final Function CLOSE = function("close");
  private static final Function FLOCK = function("flock");
  private static final Function FTRUNCATE = function("ftruncate");
  private static final Function FALLOCATE = function("fallocate");
  private static final Function LSEEK = function("lseek");
  private static final Function MMAP = function("mmap");
  private static final Function MUNMAP = function("munmap");
  private static final Function MADVISE = function("madvise");
  private static final Function MPROTECT = function("mprotect");
  private static final Function EVENTFD = function("eventfd");
  private static final Function FCNTL = function("fcntl");

  /** Shared by all calls whose errno is not read: wake-ups may come from many virtual threads. */
  private static final MemorySegment UNREAD_CALL_STATE = newCallState();

  private static final int LOCK_EX_NB = 2 | 4;
  private static final int LOCK_UN = 8;
  private static final int SEEK_END = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int KEEP_SIZE_PUNCH_HOLE = 1 | 2;
  private static final int OWNER_ONLY = 0b110_000_000;

  /** The captured errno of each thread's last call: it must be read before another call. */
  private static final ThreadLocal<MemorySegment> CALL_STATE =
      ThreadLocal.withInitial(Libc::newCallState);

  /** Injects failures of calls; null except in tests. */
  static volatile @Nullable Refusal refusal;

  private Libc() {}

  /** A function of the C library. */
  private record Function(String name, MethodHandle handle) {}

  /** Decides which calls fail. */
  interface Refusal {
    /**
     * Called before each system call.
     *
     * @param function its name in the C library
     * @param number the system call's number, if the function is {@code syscall}
     * @return an errno to fail with, or 0 to let the call pass
     */
    int of(String function, long number);
  }

  /** Links all functions; throws a LinkageError if one is missing. */
  static void load() {
    var _ = SYSCALL;
  }

  private static int refused(String function, long number) {
    Refusal injected = refusal;
    return injected == null ? 0 : injected.of(function, number);
  }

  private static Function function(String name) {
    MemorySegment symbol = LINKER.defaultLookup().find(name).orElseThrow();
    return new Function(
        name, LINKER.downcallHandle(symbol, SHAPE, OPTIONS.toArray(new Linker.Option[0])));
  }

  /** A function that returns a long or an address. */
  private static long call(
      Function function, long first, long second, long third, long fourth, long fifth, long sixth) {
    int refused = refused(function.name, 0);
    if (refused != 0) {
      return -refused;
    }
    MemorySegment state = CALL_STATE.get();
    try {
      long result =
          (long) function.handle.invokeExact(state, first, second, third, fourth, fifth, sixth, 0L);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e; // such as StackOverflowError, thrown before the call
    } catch (Throwable e) {
      throw notReached(e);
    }
  }

  /** A function that returns an int: the upper half of the register is undefined. */
  private static int call(Function function, long first, long second, long third, long fourth) {
    int refused = refused(function.name, 0);
    if (refused != 0) {
      return -refused;
    }
    MemorySegment state = CALL_STATE.get();
    try {
      int result =
          (int) (long) function.handle.invokeExact(state, first, second, third, fourth, 0L, 0L, 0L);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw notReached(e);
    }
  }

  private static IllegalStateException notReached(Throwable e) {
    return new IllegalStateException("a call failed before it reached the C library", e);
  }

  static long syscall(long number, long first, long second, long third, long fourth, long fifth) {
    return syscall(CALL_STATE.get(), number, first, second, third, fourth, fifth);
  }

  static long syscall(
      MemorySegment state,
      long number,
      long first,
      long second,
      long third,
      long fourth,
      long fifth) {
    int refused = refused("syscall", number);
    if (refused != 0) {
      return -refused;
    }
    try {
      long result =
          (long) SYSCALL.invokeExact(state, number, first, second, third, fourth, fifth, 0L);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw notReached(e);
    }
  }

  static MemorySegment newCallState() {
    return Arena.ofAuto().allocate(STATE);
  }

  static MemorySegment callState() {
    return CALL_STATE.get();
  }

  /**
   * Opens a file. A created file is readable and writable by its owner only.
   *
   * @param path its path
   * @param flags the O_ constants of this class
   * @return a descriptor, or the negated errno
   */
  public static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return call(OPEN, arena.allocateFrom(path).address(), flags | O_CLOEXEC, OWNER_ONLY, 0);
    }
  }

  /**
   * Closes a descriptor.
   *
   * @param fd what {@link #open} returned
   * @return 0, or the negated errno
   */
  public static int close(int fd) {
    return call(CLOSE, fd, 0, 0, 0);
  }

  /**
   * Tries to take the exclusive lock on an open file (flock).
   *
   * @param fd the open file, which holds the lock until it is closed
   * @return 0, or the negated errno; EAGAIN if another open file holds it
   */
  public static int tryLock(int fd) {
    return call(FLOCK, fd, LOCK_EX_NB, 0, 0);
  }

  /**
   * Releases the lock on an open file. Needed before closing, since a ring may keep the file open a
   * little longer.
   *
   * @param fd the open file
   * @return 0, or the negated errno
   */
  public static int unlock(int fd) {
    return call(FLOCK, fd, LOCK_UN, 0, 0);
  }

  /**
   * Sets or clears O_DIRECT on an open file.
   *
   * @param fd an open file
   * @param direct whether transfers bypass the page cache
   * @return 0, or the negated errno; EINVAL if the file system does not support it
   */
  public static int setDirect(int fd, boolean direct) {
    int flags = call(FCNTL, fd, F_GETFL, 0, 0);
    return flags < 0
        ? flags
        : call(FCNTL, fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT, 0);
  }

  /**
   * Changes a file's length.
   *
   * @param fd an open file
   * @param bytes its new length
   * @return 0, or the negated errno
   */
  public static int truncate(int fd, long bytes) {
    return call(FTRUNCATE, fd, bytes, 0, 0);
  }

  /**
   * Returns blocks of a file to the file system. They then read as zeros; the length stays.
   *
   * @param fd an open file
   * @param offset of the first byte
   * @param bytes their number
   * @return 0, or the negated errno; EOPNOTSUPP if the file system has no holes
   */
  public static int punchHole(int fd, long offset, long bytes) {
    return call(FALLOCATE, fd, KEEP_SIZE_PUNCH_HOLE, offset, bytes);
  }

  /**
   * A file's length.
   *
   * @param fd an open file
   * @return bytes, or the negated errno
   */
  public static long fileBytes(int fd) {
    return call(LSEEK, fd, 0, SEEK_END, 0, 0, 0);
  }

  /**
   * Creates an eventfd: a counter that a read waits for.
   *
   * @return a descriptor, or the negated errno
   */
  public static int eventfd() {
    return call(EVENTFD, 0, O_CLOEXEC, 0, 0);
  }

  /**
   * Adds 1 to an eventfd, which completes a waiting read.
   *
   * @param fd what {@link #eventfd} returned
   * @return 0, or -1 if it failed
   */
  public static int signalEventfd(int fd) {
    try {
      return (int)
          (long) EVENTFD_WRITE.invokeExact(UNREAD_CALL_STATE, (long) fd, 1L, 0L, 0L, 0L, 0L, 0L);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw notReached(e);
    }
  }

  /** Maps memory; returns the address, or the negated errno. */
  static long mmap(long bytes, int protection, int flags, int fd, long offset) {
    return call(MMAP, 0, bytes, protection, flags, fd, offset);
  }

  static int munmap(long address, long bytes) {
    return call(MUNMAP, address, bytes, 0, 0);
  }

  static int madvise(long address, long bytes, int advice) {
    return call(MADVISE, address, bytes, advice, 0);
  }

  static int mprotect(long address, long bytes, int protection) {
    return call(MPROTECT, address, bytes, protection, 0);
  }
}
