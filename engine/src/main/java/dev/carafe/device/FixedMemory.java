package dev.carafe.device;

import dev.carafe.base.Bits;
import dev.carafe.base.Limits;
import dev.carafe.uring.RingProbe;
import dev.carafe.uring.ffi.Errno;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;

/**
 * The part of a cache's memory that is registered as fixed buffers: all of it, or as much from its
 * start as the limit on locked memory allows (contract F2). Transfers of the rest use no fixed
 * buffers.
 *
 * @param bytes the registered length
 * @param reason why not all memory is registered; empty if it is
 */
record FixedMemory(long bytes, String reason) {
  private static final int ATTEMPTS = 20;
  private static final int FEW_ATTEMPTS = 4;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** The minimum to register. A shorter registration has no measurable benefit. */
  private static final long MIN_BYTES = 256 * 1024;

  private static final int EIGHTHS = 8;

  /**
   * Registers as much memory as possible.
   *
   * @param registrar registers memory; returns 0 or an errno
   * @param wanted memory to register, the most used first
   * @param limitBytes the limit on locked memory, if known
   * @param partly whether to register a part if not all can be registered
   * @return the registered part
   */
  static FixedMemory register(
      ToIntFunction<List<MemorySegment>> registrar,
      List<MemorySegment> wanted,
      long limitBytes,
      boolean partly) {
    long total = 0;
    for (MemorySegment each : wanted) {
      total += each.byteSize();
    }
    if (total == 0) {
      return new FixedMemory(0, "no fixed buffers: the cache has no memory to register");
    }
    // the kernel pins the memory, and so allocates its pages, before it checks the limit
    long offered = partly ? Math.min(total, limitBytes) : total;
    int attempts = offered == total ? ATTEMPTS : FEW_ATTEMPTS;
    int errno = Errno.ENOMEM;
    for (int step = 0; errno == Errno.ENOMEM && bytesAtStep(offered, step) >= MIN_BYTES; step++) {
      long bytes = bytesAtStep(offered, step);
      List<MemorySegment> first = prefixOf(wanted, bytes);
      errno =
          step == 0
              ? retryWhileOutOfMemory(() -> registrar.applyAsInt(first), attempts)
              : registrar.applyAsInt(first);
      if (errno == 0) {
        String reason =
            bytes == total ? "" : RingProbe.bufferRegistrationRefused(Errno.ENOMEM, total, bytes);
        return new FixedMemory(bytes, reason);
      }
      if (!partly) {
        break;
      }
    }
    return new FixedMemory(0, RingProbe.bufferRegistrationRefused(errno, total, 0));
  }

  /**
   * The length to try: 8/8, 7/8, 6/8, 4/8 of the offered bytes, then half of the previous length.
   */
  private static long bytesAtStep(long offered, int step) {
    int eighths = EIGHTHS - step;
    long bytes = step < 3 ? offered / EIGHTHS * eighths : offered >> (step - 2);
    return step == 0 ? offered : Bits.roundDown(bytes, Limits.PAGE_BYTES);
  }

  private static List<MemorySegment> prefixOf(List<MemorySegment> wanted, long bytes) {
    List<MemorySegment> first = new ArrayList<>();
    long remaining = bytes;
    for (MemorySegment each : wanted) {
      long part = Math.min(remaining, each.byteSize());
      if (part > 0) {
        first.add(each.asSlice(0, part));
      }
      remaining -= part;
    }
    return first;
  }

  /**
   * Retries a call for up to 100 ms while it fails with ENOMEM: the kernel unlocks the memory of a
   * closed ring with a delay.
   *
   * @param call returns 0, or the errno
   * @return the result of the last call
   */
  static int retryWhileOutOfMemory(IntSupplier call) {
    return retryWhileOutOfMemory(call, ATTEMPTS);
  }

  private static int retryWhileOutOfMemory(IntSupplier call, int attempts) {
    int errno = call.getAsInt();
    for (int attempt = 1; errno == Errno.ENOMEM && attempt < attempts; attempt++) {
      LockSupport.parkNanos(PAUSE_NANOS);
      errno = call.getAsInt();
    }
    return errno;
  }
}
