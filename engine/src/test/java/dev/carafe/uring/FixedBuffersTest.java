package dev.carafe.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.carafe.uring.ffi.NativeMapping;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory counts as registered only if one registered buffer holds all of it; else EFAULT (F3). */
final class FixedBuffersTest {
  @Test
  void onlyMemoryInOneBufferIsFixed() {
    try (NativeMapping mapping = NativeMapping.map(1000, false)) {
      MemorySegment all = mapping.segment();
      FixedBuffers fixed =
          new FixedBuffers(List.of(all.asSlice(100, 100), all.asSlice(200, 100), all.asSlice(800)));
      assertEquals(0, fixed.indexOf(all.asSlice(100, 100)));
      assertEquals(0, fixed.indexOf(all.asSlice(199, 1)));
      assertEquals(1, fixed.indexOf(all.asSlice(200, 1)));
      assertEquals(1, fixed.indexOf(all.asSlice(200, 100)));
      assertEquals(2, fixed.indexOf(all.asSlice(999, 1)));
      assertEquals(FixedBuffers.NONE, fixed.indexOf(all.asSlice(99, 2)), "begins before");
      assertEquals(FixedBuffers.NONE, fixed.indexOf(all.asSlice(299, 2)), "ends after");
      assertEquals(FixedBuffers.NONE, fixed.indexOf(all.asSlice(199, 2)), "over a border");
      assertEquals(FixedBuffers.NONE, fixed.indexOf(all.asSlice(500, 10)), "between");
      assertEquals(FixedBuffers.NONE, fixed.indexOf(all), "around");
    }
  }

  @Test
  void nothingIsRegisteredWithoutBuffers() {
    try (NativeMapping mapping = NativeMapping.map(1, false)) {
      assertEquals(FixedBuffers.NONE, new FixedBuffers(List.of()).indexOf(mapping.segment()));
    }
  }
}
