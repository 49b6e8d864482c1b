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
import org.jspecify.annotations.Nullable;

/**
 * The C library's functions that this product calls. Each returns what the function returned, or
 * the negated errno where it failed.
 *
 * <p>None is a critical downcall: all of them can block, and garbage collection must not wait for
 * them.
 */
public final class Libc {
  /** Open for reading. */
  public static final int O_RDONLY = 0;

  /** Open for reading and writing. */
  public static final int O_RDWR = 2;

  /** Create if missing. */
  public static final int O_CREAT = 0x40;

  /** With {@link #O_CREAT}: fail with EEXIST where the path names something already. */
  public static final int O_EXCL = 0x80;

  /** Not for child processes. */
  public static final int O_CLOEXEC = 0x80000;

  /** Past the page cache; another number on each processor. */
  public static final int O_DIRECT =
      System.getProperty("os.arch").equals("aarch64") ? 0x10000 : 0x4000;

  /** Fail with ELOOP where the path names a symbolic link; another number on each processor. */
  public static final int O_NOFOLLOW =
      System.getProperty("os.arch").equals("aarch64") ? 0x8000 : 0x20000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

  /**
   * All calls have this one shape, since to link another costs some 20 ms of the start: on both
   * processors integers and addresses travel in registers alike, and what a function does not take
   * is not looked at. For a variadic function, which {@code syscall} and {@code open} are, the
   * caller must say so; to the others it makes no difference.
   */
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle SYSCALL = handle("syscall");
  private static final MethodHandle EVENTFD_WRITE = handle("eventfd_write");
  private static final Function OPEN = function("open");
  private static final Function CLOSE = function("close");
  private static final Function FLOCK = function("flock");
  private static final Function FTRUNCATE = function("ftruncate");
  private static final Function LSEEK = function("lseek");
  private static final Function MMAP = function("mmap");
  private static final Function MUNMAP = function("munmap");
  private static final Function MADVISE = function("madvise");
  private static final Function EVENTFD = function("eventfd");
  private static final Function FCNTL = function("fcntl");

  /** One for all: whoever wakes somebody may be one of many virtual threads, and needs no errno. */
  private static final MemorySegment UNREAD_CALL_STATE = newCallState();

  private static final int LOCK_EX_NB = 2 | 4;
  private static final int LOCK_UN = 8;
  private static final int SEEK_END = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int OWNER_ONLY = 0b110_000_000;

  /** Each thread's own place for errno: the system call and its reading must not be torn apart. */
  private static final ThreadLocal<MemorySegment> CALL_STATE =
      ThreadLocal.withInitial(Libc::newCallState);

  /** Refuses calls in the system's place; null except in tests. */
  static volatile @Nullable Refusal refusal;

  private Libc() {}

  /** A function of the C library. */
  private record Function(String name, MethodHandle handle) {}

  /** Decides which calls fail. */
  interface Refusal {
    /**
     * Asked before each call.
     *
     * @param function its name in the C library
     * @param number of the system call, if the function is {@code syscall}
     * @return an errno to fail with, or 0 to let the call pass
     */
    int of(String function, long number);
  }

  /** Links all functions, or throws a LinkageError. */
  static void load() {
    var _ = SYSCALL;
  }

  private static int refused(String function, long number) {
    Refusal refuses = refusal;
    return refuses == null ? 0 : refuses.of(function, number);
  }

  private static Function function(String name) {
    return new Function(name, handle(name));
  }

  private static MethodHandle handle(String name) {
    MemorySegment symbol = LINKER.defaultLookup().find(name).orElseThrow();
    return LINKER.downcallHandle(symbol, SHAPE, Linker.Option.firstVariadicArg(1), CAPTURE);
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
      throw e; // an overflown stack, say: before anything was called
    } catch (Throwable e) {
      throw notReached(e);
    }
  }

  /** A function that returns an int: what stands above it in the register means nothing. */
  private static int call(Function function, long first, long second, long third) {
    int refused = refused(function.name, 0);
    if (refused != 0) {
      return -refused;
    }
    MemorySegment state = CALL_STATE.get();
    try {
      int result =
          (int) (long) function.handle.invokeExact(state, first, second, third, 0L, 0L, 0L, 0L);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw notReached(e);
    }
  }

  private static IllegalStateException notReached(Throwable e) {
    return new IllegalStateException("a downcall failed before it reached the C library", e);
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
   * Opens a file. One that is created is readable and writable by its owner only.
   *
   * @param path its path
   * @param flags of this class
   * @return a descriptor, or the negated errno
   */
  public static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return call(OPEN, arena.allocateFrom(path).address(), flags | O_CLOEXEC, OWNER_ONLY);
    }
  }

  /**
   * Closes a descriptor.
   *
   * @param fd what {@link #open} returned
   * @return 0, or the negated errno
   */
  public static int close(int fd) {
    return call(CLOSE, fd, 0, 0);
  }

  /**
   * Takes the exclusive lock on an open file, without waiting.
   *
   * @param fd whose lock it is until it is closed
   * @return 0, or the negated errno; EAGAIN if somebody has it
   */
  public static int tryLock(int fd) {
    return call(FLOCK, fd, LOCK_EX_NB, 0);
  }

  /**
   * Gives the lock on an open file back, though a ring may hold the file for a moment more.
   *
   * @param fd whose lock it is
   * @return 0, or the negated errno
   */
  public static int unlock(int fd) {
    return call(FLOCK, fd, LOCK_UN, 0);
  }

  /**
   * Lets an open file's transfers go past the page cache, or through it again.
   *
   * @param fd an open file
   * @param direct whether past it
   * @return 0, or the negated errno; EINVAL if the file system can't do that
   */
  public static int setDirect(int fd, boolean direct) {
    int flags = call(FCNTL, fd, F_GETFL, 0);
    return flags < 0
        ? flags
        : call(FCNTL, fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT);
  }

  /**
   * Changes a file's length.
   *
   * @param fd an open file
   * @param bytes its new length
   * @return 0, or the negated errno
   */
  public static int truncate(int fd, long bytes) {
    return call(FTRUNCATE, fd, bytes, 0);
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
   * Makes a counter that can be waited for.
   *
   * @return a descriptor, or the negated errno
   */
  public static int eventfd() {
    return call(EVENTFD, 0, O_CLOEXEC, 0);
  }

  /**
   * Adds one to a counter, which wakes whoever waits for it.
   *
   * @param fd what {@link #eventfd} returned
   * @return 0, or -1 if it could not be
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
    return call(MUNMAP, address, bytes, 0);
  }

  static int madvise(long address, long bytes, int advice) {
    return call(MADVISE, address, bytes, advice);
  }
}
