package dev.carafe.uring.ffi;

import java.util.concurrent.atomic.AtomicInteger;

/** Injects failures of C library calls until it is closed. */
public final class RefusedCalls implements AutoCloseable {
  /** {@code io_uring_setup}. */
  public static final long SETUP = 425;

  /** {@code io_uring_enter}. */
  public static final long ENTER = 426;

  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  private RefusedCalls() {}

  /** All calls of one system call fail. */
  public static RefusedCalls ofSyscall(long wanted, int errno) {
    return ofSyscall(wanted, Integer.MAX_VALUE, errno);
  }

  /** The next calls of one system call fail. */
  public static RefusedCalls ofSyscall(long wanted, int times, int errno) {
    RefusedCalls calls = new RefusedCalls();
    Libc.refusal =
        (function, number) ->
            number == wanted && calls.asked.getAndIncrement() < times ? calls.refuse(errno) : 0;
    return calls;
  }

  /** All calls of one function fail. */
  public static RefusedCalls ofFunction(String wanted, int errno) {
    RefusedCalls calls = new RefusedCalls();
    Libc.refusal = (function, number) -> function.equals(wanted) ? calls.refuse(errno) : 0;
    return calls;
  }

  /**
   * Calls of any kind fail from a given one on, except those that release a resource, which fail
   * only for an invalid argument.
   *
   * @param first how many calls pass before
   * @param times how many fail
   */
  public static RefusedCalls from(int first, int times, int errno) {
    RefusedCalls calls = new RefusedCalls();
    Libc.refusal =
        (function, number) -> {
          if (function.equals("close") || function.equals("munmap")) {
            return 0;
          }
          int place = calls.asked.getAndIncrement();
          return place >= first && place - first < times ? calls.refuse(errno) : 0;
        };
    return calls;
  }

  private int refuse(int errno) {
    refused.incrementAndGet();
    return errno;
  }

  /** How many calls failed. */
  public int refused() {
    return refused.get();
  }

  /** Enables unmapping again after a ring of this process was closed with operations in flight. */
  public static void forgetAbandonedRings() {
    NativeMapping.unmapDisabled = false;
  }

  @Override
  public void close() {
    Libc.refusal = null;
  }
}
