package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

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

  /** Not for child processes. */
  public static final int O_CLOEXEC = 0x80000;

  /** Past the page cache; the one flag whose number depends on the processor. */
  public static final int O_DIRECT =
      System.getProperty("os.arch").equals("aarch64") ? 0x10000 : 0x4000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

  private static final MethodHandle SYSCALL =
      handle(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG),
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle OPEN =
      handle(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FLOCK =
      handle("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle FTRUNCATE =
      handle("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle LSEEK =
      handle("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle MMAP =
      handle(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      handle("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle MADVISE =
      handle("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private static final MethodHandle EVENTFD =
      handle("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  /** Without a place for errno: whoever wakes somebody may be one of many virtual threads. */
  private static final MethodHandle EVENTFD_WRITE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("eventfd_write").orElseThrow(),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));

  private static final int LOCK_EX_NB = 2 | 4;
  private static final int SEEK_END = 2;
  private static final int MODE = 0b110_100_100;

  /** Each thread's own place for errno: the system call and its reading must not be torn apart. */
  private static final ThreadLocal<MemorySegment> CALL_STATE =
      ThreadLocal.withInitial(Libc::newCallState);

  private Libc() {}

  /** A call of the C library that can't fail in the ways that Java knows. */
  private interface Call {
    long invoke(MemorySegment state) throws Throwable;
  }

  private static MethodHandle handle(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = CAPTURE;
    MemorySegment symbol = LINKER.defaultLookup().find(name).orElseThrow();
    return LINKER.downcallHandle(symbol, descriptor, all);
  }

  private static long call(Call call) {
    MemorySegment state = CALL_STATE.get();
    try {
      long result = call.invoke(state);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall failed before it reached the C library", e);
    }
  }

  /**
   * Whether this system has what this class and the ring need.
   *
   * @return true on Linux with 64-bit pointers
   */
  public static boolean isLinux() {
    return System.getProperty("os.name").equals("Linux") && ADDRESS.byteSize() == Long.BYTES;
  }

  static long syscall(
      long number, long first, long second, long third, long fourth, MemorySegment arg, long size) {
    return call(state ->
        (long) SYSCALL.invokeExact(state, number, first, second, third, fourth, arg, size));
  }

  static long rawSyscall(
      MemorySegment state,
      long number,
      long first,
      long second,
      long third,
      long fourth,
      MemorySegment arg,
      long size)
      throws Throwable {
    long result =
        (long) SYSCALL.invokeExact(state, number, first, second, third, fourth, arg, size);
    return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
  }

  static MemorySegment newCallState() {
    return Arena.ofAuto().allocate(STATE);
  }

  static MemorySegment callState() {
    return CALL_STATE.get();
  }

  /**
   * Opens a file.
   *
   * @param path its path
   * @param flags of this class
   * @return a descriptor, or the negated errno
   */
  public static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      return (int) call(state -> (int) OPEN.invokeExact(state, name, flags | O_CLOEXEC, MODE));
    }
  }

  /**
   * Closes a descriptor.
   *
   * @param fd what {@link #open} returned
   * @return 0, or the negated errno
   */
  public static int close(int fd) {
    return (int) call(state -> (int) CLOSE.invokeExact(state, fd));
  }

  /**
   * Takes the exclusive lock on an open file, without waiting.
   *
   * @param fd whose lock it is until it is closed
   * @return 0, or the negated errno; EAGAIN if somebody has it
   */
  public static int tryLock(int fd) {
    return (int) call(state -> (int) FLOCK.invokeExact(state, fd, LOCK_EX_NB));
  }

  /**
   * Changes a file's length.
   *
   * @param fd an open file
   * @param bytes its new length
   * @return 0, or the negated errno
   */
  public static int truncate(int fd, long bytes) {
    return (int) call(state -> (int) FTRUNCATE.invokeExact(state, fd, bytes));
  }

  /**
   * A file's length.
   *
   * @param fd an open file
   * @return bytes, or the negated errno
   */
  public static long length(int fd) {
    return call(state -> (long) LSEEK.invokeExact(state, fd, 0L, SEEK_END));
  }

  /**
   * Makes a counter that can be waited for.
   *
   * @return a descriptor, or the negated errno
   */
  public static int eventCounter() {
    return (int) call(state -> (int) EVENTFD.invokeExact(state, 0, O_CLOEXEC));
  }

  /**
   * Adds one to a counter, which wakes whoever waits for it.
   *
   * @param fd what {@link #eventCounter} returned
   * @return 0, or -1 if it could not be
   */
  public static int addEvent(int fd) {
    try {
      return (int) EVENTFD_WRITE.invokeExact(fd, 1L);
    } catch (Throwable e) {
      throw new IllegalStateException("a downcall failed before it reached the C library", e);
    }
  }

  /** Maps memory; returns the address, or the negated errno. */
  static long mmap(long bytes, int protection, int flags, int fd, long offset) {
    return call(state ->
        ((MemorySegment)
                MMAP.invokeExact(state, MemorySegment.NULL, bytes, protection, flags, fd, offset))
            .address());
  }

  static int munmap(long address, long bytes) {
    return (int)
        call(state -> (int) MUNMAP.invokeExact(state, MemorySegment.ofAddress(address), bytes));
  }

  static int madvise(long address, long bytes, int advice) {
    return (int)
        call(state ->
            (int) MADVISE.invokeExact(state, MemorySegment.ofAddress(address), bytes, advice));
  }
}
