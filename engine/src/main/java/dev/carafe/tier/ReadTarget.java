package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;

/** The memory that a record is read into. */
sealed interface ReadTarget {
  /** Returns the memory. */
  MemorySegment memory();

  /** Frees the memory. Allocates nothing, and links no lambda on the first call (contract F5). */
  void release();

  /** The first bytes of a read buffer. */
  record InBuffer(ReadBuffers buffers, MemorySegment memory) implements ReadTarget {
    @Override
    public void release() {
      buffers.release(memory);
    }
  }

  /** A chunk of the memory tier. */
  record InChunk(ChunkSource chunks, long ref, MemorySegment memory) implements ReadTarget {
    @Override
    public void release() {
      chunks.free(ref);
    }
  }

  /** A separate mapping. */
  record Mapped(NativeMemory mapping, MemorySegment memory) implements ReadTarget {
    @Override
    public void release() {
      mapping.close();
    }
  }
}
