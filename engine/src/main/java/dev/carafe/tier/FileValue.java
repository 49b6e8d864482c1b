package dev.carafe.tier;

import dev.carafe.region.ChunkRef;
import java.lang.foreign.MemorySegment;

/**
 * A value that was read from the file: in a chunk, or in a separate mapping if no chunk was free.
 * Not thread-safe.
 */
public final class FileValue implements AutoCloseable {
  private final MemorySegment value;
  private final long expiresAtNanos;
  private final Runnable release;
  private long chunkRef;
  private boolean closed;

  FileValue(long chunkRef, MemorySegment value, long expiresAtNanos, Runnable release) {
    this.chunkRef = chunkRef;
    this.value = value;
    this.expiresAtNanos = expiresAtNanos;
    this.release = release;
  }

  /**
   * Returns the chunk that holds the value.
   *
   * @return NONE if the value is in a separate mapping, or the chunk was taken
   */
  public long chunkRef() {
    return chunkRef;
  }

  /**
   * Transfers the chunk to the caller. {@link #close()} then does nothing.
   *
   * @return the chunk
   */
  public long takeChunk() {
    long taken = chunkRef;
    chunkRef = ChunkRef.NONE;
    closed = true;
    return taken;
  }

  /**
   * Returns the bytes of the value.
   *
   * @return a view that is valid until this object is closed or the chunk's new owner frees it
   */
  public MemorySegment value() {
    return value;
  }

  /**
   * Returns the length of the value.
   *
   * @return bytes
   */
  public int valueBytes() {
    return (int) value.byteSize();
  }

  /**
   * Returns the expiry time.
   *
   * @return nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   */
  public long expiresAtNanos() {
    return expiresAtNanos;
  }

  /** Frees the memory, unless the chunk was taken. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      release.run();
    }
  }
}
