package dev.carafe.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.uring.LockLimit;
import dev.carafe.uring.ffi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/**
 * The registered length with a kernel that accepts a part, accepts after retries, or refuses (F2).
 */
final class FixedMemoryTest {
  private static final long MIB = 1 << 20;

  private final List<Long> offered = new ArrayList<>();
  private final Arena arena = Arena.ofAuto();
  private final List<MemorySegment> wanted =
      List.of(arena.allocate(MIB, 4096), arena.allocate(7 * MIB, 4096));

  private ToIntFunction<List<MemorySegment>> kernel(long limitBytes, int passingAfter, int errno) {
    return memory -> {
      long bytes = memory.stream().mapToLong(MemorySegment::byteSize).sum();
      offered.add(bytes);
      return bytes <= limitBytes && offered.size() > passingAfter ? 0 : errno;
    };
  }

  @Test
  void allMemoryWithoutALimit() {
    FixedMemory memory =
        FixedMemory.register(kernel(8 * MIB, 0, Errno.ENOMEM), wanted, LockLimit.UNKNOWN, true);
    assertEquals(new FixedMemory(8 * MIB, ""), memory);
  }

  @Test
  void aTemporaryShortageIsRetried() {
    FixedMemory memory =
        FixedMemory.register(kernel(8 * MIB, 3, Errno.ENOMEM), wanted, LockLimit.UNKNOWN, false);
    assertEquals(new FixedMemory(8 * MIB, ""), memory);
    assertEquals(4, offered.size());
  }

  @Test
  void aPrefixUnderALimit() {
    FixedMemory memory =
        FixedMemory.register(kernel(3 * MIB, 0, Errno.ENOMEM), wanted, LockLimit.UNKNOWN, true);
    assertEquals(2 * MIB, memory.bytes());
    assertTrue(
        memory.reason().startsWith("fixed buffers for 2097152 of 8388608 bytes only"),
        memory::reason);
    assertTrue(memory.reason().contains("ulimit -l"), memory::reason);
  }

  @Test
  void nothingUnderATinyLimit() {
    FixedMemory memory =
        FixedMemory.register(kernel(64 * 1024, 0, Errno.ENOMEM), wanted, LockLimit.UNKNOWN, true);
    assertEquals(0, memory.bytes());
    assertTrue(memory.reason().startsWith("no fixed buffers: "), memory::reason);
    assertTrue(offered.size() < 40, offered::toString); // it ends
  }

  @Test
  void noMoreIsOfferedThanTheKnownLimit() {
    FixedMemory memory =
        FixedMemory.register(kernel(5 * MIB, 0, Errno.ENOMEM), wanted, 5 * MIB, true);
    assertEquals(5 * MIB, memory.bytes());
    assertEquals(List.of(5 * MIB), offered);
  }

  @Test
  void fixedBuffersRequireAllMemory() {
    FixedMemory memory =
        FixedMemory.register(kernel(3 * MIB, 0, Errno.ENOMEM), wanted, LockLimit.UNKNOWN, false);
    assertEquals(0, memory.bytes());
    assertTrue(offered.stream().allMatch(bytes -> bytes == 8 * MIB), offered::toString);
  }

  @Test
  void otherErrnosAreFinal() {
    FixedMemory memory =
        FixedMemory.register(kernel(0, 0, Errno.EPERM), wanted, LockLimit.UNKNOWN, true);
    assertEquals(0, memory.bytes());
    assertEquals(1, offered.size());
    assertTrue(memory.reason().contains("EPERM"), memory::reason);
  }

  @Test
  void theLimitIsReadFromProc() {
    assertTrue(LockLimit.bytes() > 0);
  }
}
