package dev.carafe.tier;

import dev.carafe.region.ChunkRef;
import java.lang.foreign.MemorySegment;

/**
 * A value that was read from the file, in a chunk of its own or, where none could be had, in memory
 * that goes back on {@link #close()}.
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
   * The chunk that holds it.
   *
   * @return NONE if it is in none, or it was taken
   */
  public long chunkRef() {
    return chunkRef;
  }

  /**
   * Takes the chunk over from this object.
   *
   * @return the chunk, the caller's now
   */
  public long takeChunk() {
    long taken = chunkRef;
    chunkRef = ChunkRef.NONE;
    closed = true;
    return taken;
  }

  /**
   * The value's bytes.
   *
   * @return valid until this is closed or the chunk's new owner frees it
   */
  public MemorySegment value() {
    return value;
  }

  /**
   * How long the value is.
   *
   * @return bytes
   */
  public int valueBytes() {
    return (int) value.byteSize();
  }

  /**
   * When it expires.
   *
   * @return nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   */
  public long expiresAtNanos() {
    return expiresAtNanos;
  }

  /** Gives back the memory, unless it was taken. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      release.run();
    }
  }
}
