package dev.carafe.uring.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mapped memory has the requested length, is zeroed, is aligned for direct I/O and huge pages, and
 * can't be accessed after its close (contract M2, M4).
 */
final class NativeMappingTest {
  private static final long PAGE = 4096;
  private static final long HUGE_PAGE = 2 << 20;

  @ParameterizedTest
  @ValueSource(longs = {1, 4095, 4096, 4097, HUGE_PAGE - 1, HUGE_PAGE, HUGE_PAGE + 1})
  void zeroedAndAligned(long bytes) {
    for (boolean hugePages : new boolean[] {false, true}) {
      try (NativeMapping mapping = NativeMapping.map(bytes, hugePages)) {
        MemorySegment memory = mapping.segment();
        assertEquals(bytes, memory.byteSize());
        assertEquals(0, memory.address() % (bytes >= HUGE_PAGE ? HUGE_PAGE : PAGE));
        assertEquals(0, memory.get(JAVA_BYTE, 0));
        assertEquals(0, memory.get(JAVA_BYTE, bytes - 1));
        memory.fill((byte) 7);
        assertEquals(7, memory.get(JAVA_BYTE, bytes - 1));
      }
    }
  }

  @Test
  void untouchableAfterClose() {
    NativeMapping mapping = NativeMapping.map(PAGE, false);
    MemorySegment memory = mapping.segment();
    mapping.close();
    assertFalse(memory.scope().isAlive());
    assertThrows(IllegalStateException.class, () -> memory.get(JAVA_BYTE, 0));
  }

  @Test
  void moreThanThereIs() {
    var error = assertThrows(OutOfMemoryError.class, () -> NativeMapping.map(1L << 60, false));
    assertTrue(String.valueOf(error.getMessage()).contains("1152921504606846976"));
  }
}
