package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;

/** A copy of heap bytes in native memory. */
record NativeCopy(NativeMemory memory, MemorySegment segment) implements AutoCloseable {
  static NativeCopy of(byte[] bytes) {
    NativeMemory memory = NativeMemory.map(Math.max(1, bytes.length), false);
    MemorySegment segment = memory.segment().asSlice(0, bytes.length);
    segment.copyFrom(MemorySegment.ofArray(bytes));
    return new NativeCopy(memory, segment);
  }

  @Override
  public void close() {
    memory.close();
  }
}
