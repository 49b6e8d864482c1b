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
 * What was registered of a cache's memory: all of it, or as much from its beginning as the kernel
 * locks for this user (contract F2). Transfers of the rest are plain.
 *
 * @param bytes how much is registered
 * @param reason why not all is; empty if all is
 */
record FixedMemory(long bytes, String reason) {
  private static final int ATTEMPTS = 20;
  private static final int FEW_ATTEMPTS = 4;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** Less is not worth a registration. */
  private static final long MIN_BYTES = 256 * 1024;

  private static final int EIGHTHS = 8;

  /**
   * Registers as much as can be.
   *
   * @param registrar registers memory; returns 0 or an errno
   * @param wanted what most transfers use comes first
   * @param limitBytes how much the kernel locks at the most, as far as is known
   * @param partly whether a part is better than nothing
   * @return what is registered
   */
  static FixedMemory register(
      ToIntFunction<List<MemorySegment>> registrar,
      List<MemorySegment> wanted,
      long limitBytes,
      boolean partly) {
    long total = wanted.stream().mapToLong(MemorySegment::byteSize).sum();
    if (total == 0) {
      return new FixedMemory(0, "no fixed buffers: there is no memory");
    }
    // the kernel pins what is offered, and so touches it, before it looks at the limit
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

  /** All, 7/8, 6/8, 4/8, and half of the one before from there on. */
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
   * Repeats for 100 ms at the most what the kernel has no memory for: it gives back what a ring had
   * locked some time after the ring was closed.
   *
   * @param call returns an errno, or 0
   * @return what the last call returned
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
