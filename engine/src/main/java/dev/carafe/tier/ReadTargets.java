package dev.carafe.tier;

import dev.carafe.device.NativeMemory;
import dev.carafe.region.ChunkRef;
import dev.carafe.tier.ReadTarget.InBuffer;
import dev.carafe.tier.ReadTarget.InChunk;
import dev.carafe.tier.ReadTarget.Mapped;
import java.lang.foreign.MemorySegment;

/**
 * Allocates memory to read records into: a read buffer for a record of up to 40 KiB, a chunk that
 * keeps the value for a larger one, or a separate mapping if no chunk is free. If the heap is full,
 * so that the target object can't be allocated, the memory is freed (contract F5). Thread-safe.
 */
final class ReadTargets {
  private final ReadBuffers buffers;
  private final ChunkSource chunks;

  ReadTargets(ReadBuffers buffers, ChunkSource chunks) {
    this.buffers = buffers;
    this.chunks = chunks;
  }

  /** Allocates memory for a record and its alignment padding; waits for a read buffer. */
  ReadTarget allocate(int bytes) {
    return bytes <= ReadBuffers.BUFFER_BYTES
        ? inBuffer(buffers.acquire(), bytes)
        : allocateExact(bytes);
  }

  /** Does the same, but maps memory if no read buffer is free. */
  ReadTarget allocateWithoutWaiting(int bytes) {
    if (bytes > ReadBuffers.BUFFER_BYTES) {
      return allocateExact(bytes);
    }
    MemorySegment buffer = buffers.tryAcquire();
    return buffer == null ? inMapping(bytes) : inBuffer(buffer, bytes);
  }

  /** Allocates memory that keeps the value: a chunk, or a mapping if no chunk is free. */
  ReadTarget allocateExact(int bytes) {
    long ref = chunks.alloc(Math.max(1, bytes));
    return ref == ChunkRef.NONE ? inMapping(bytes) : inChunk(ref, bytes);
  }

  private ReadTarget inBuffer(MemorySegment buffer, int bytes) {
    ReadTarget target = null;
    try {
      target = new InBuffer(buffers, buffer.asSlice(0, bytes));
      return target;
    } finally {
      if (target == null) {
        buffers.release(buffer);
      }
    }
  }

  private ReadTarget inChunk(long ref, int bytes) {
    ReadTarget target = null;
    try {
      target = new InChunk(chunks, ref, chunks.pool().slice(ref, 0, bytes));
      return target;
    } finally {
      if (target == null) {
        chunks.free(ref);
      }
    }
  }

  private static ReadTarget inMapping(int bytes) {
    NativeMemory mapping = NativeMemory.map(Math.max(1, bytes), false);
    ReadTarget target = null;
    try {
      target = new Mapped(mapping, mapping.segment().asSlice(0, bytes));
      return target;
    } finally {
      if (target == null) {
        mapping.close();
      }
    }
  }
}
