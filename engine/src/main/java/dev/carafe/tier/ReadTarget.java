package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import java.lang.foreign.MemorySegment;

/** Memory that a record is read into. */
sealed interface ReadTarget {
  /** The bytes. */
  MemorySegment memory();

  /** Frees it. Allocates nothing, and links nothing when it is first called (contract F5). */
  void release();

  /** The beginning of a read buffer. */
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

  /** A mapping of its own. */
  record Mapped(NativeMemory mapping, MemorySegment memory) implements ReadTarget {
    @Override
    public void release() {
      mapping.close();
    }
  }
}
