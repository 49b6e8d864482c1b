package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Memory that a record is read into. */
sealed interface ReadTarget {
  /** The bytes. */
  MemorySegment memory();

  /** Frees it. Allocates nothing, and links nothing when it is first called (contract F5). */
  void giveBack();

  /** The beginning of a read buffer. */
  record InBuffer(ReadBuffers buffers, MemorySegment memory) implements ReadTarget {
    @Override
    public void giveBack() {
      buffers.giveBack(memory);
    }
  }

  /** A chunk of the memory tier. */
  record InChunk(ChunkSource chunks, long ref, MemorySegment memory) implements ReadTarget {
    @Override
    public void giveBack() {
      chunks.free(ref);
    }
  }

  /** A mapping of its own. */
  record Mapped(NativeMemory mapping, MemorySegment memory) implements ReadTarget {
    @Override
    public void giveBack() {
      mapping.close();
    }
  }
}
