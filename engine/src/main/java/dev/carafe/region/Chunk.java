package dev.carafe.region;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import net.openhft.chronicle.bytes.Bytes;

/**
 * One chunk of a {@link Region}, from its {@code alloc} to its {@code free}.
 *
 * <p>A chunk is equal only to itself. Once it is freed, every method that returns a view or a copy
 * throws. A view that was created before shows the next owner's bytes, so do not use it after the
 * free. A chunk may be passed between threads; its owner must synchronize access to its bytes.
 */
public final class Chunk {
  private final Region region;
  private final long handle;

  Chunk(Region region, long handle) {
    this.region = region;
    this.handle = handle;
  }

  Region region() {
    return region;
  }

  long handle() {
    return handle;
  }

  /**
   * Returns the length of the chunk, also after it was freed.
   *
   * @return the region's block size, in bytes
   */
  public int length() {
    return region.blockSize();
  }

  /**
   * Returns the offset of the chunk, also after it was freed.
   *
   * @return bytes from the start of the region's buffer
   */
  public long toOffset() {
    return region.offsetOf(handle);
  }

  /**
   * Returns a view of the whole chunk, without a copy.
   *
   * @return a writable view in the scope of the region's buffer
   * @throws IllegalStateException if the chunk was freed
   */
  public MemorySegment toSegment() {
    return toSegment(length());
  }

  /**
   * Returns a view of the chunk's first bytes, without a copy.
   *
   * @param len number of bytes, 0 to {@link #length()}
   * @return a writable view of exactly that many bytes, in the scope of the region's buffer
   * @throws IllegalArgumentException if len is negative or greater than the chunk's length
   * @throws IllegalStateException if the chunk was freed
   */
  public MemorySegment toSegment(int len) {
    if (len < 0 || len > length()) {
      throw new IllegalArgumentException(
          "len is " + len + " but must be 0 to the chunk's length " + length());
    }
    if (!region.isCurrent(handle)) {
      throw new IllegalStateException(this + " was freed");
    }
    return region.buffer().asSlice(toOffset(), len);
  }

  /**
   * Returns the whole chunk as Chronicle Bytes, without a copy. Needs the JVM flags that Chronicle
   * needs.
   *
   * @return a view bounded to the chunk, positioned for reading and writing at 0; used by one
   *     thread at a time
   * @throws IllegalStateException if the chunk was freed
   */
  @SuppressWarnings("exports") // a program that calls it requires chronicle.bytes
  public Bytes<?> toBytes() {
    return toBytes(length());
  }

  /**
   * Returns the chunk's first bytes as Chronicle Bytes, without a copy. Needs the JVM flags that
   * Chronicle needs.
   *
   * @param len number of bytes, 0 to {@link #length()}
   * @return a view bounded to that many bytes, positioned for reading and writing at 0; used by one
   *     thread at a time. It is not bound to the buffer's arena: do not use it after the arena is
   *     closed.
   * @throws IllegalArgumentException if len is negative or greater than the chunk's length
   * @throws IllegalStateException if the chunk was freed
   */
  @SuppressWarnings("exports") // a program that calls it requires chronicle.bytes
  public Bytes<?> toBytes(int len) {
    return ChunkBytes.over(toSegment(len));
  }

  /**
   * Returns a copy of the whole chunk.
   *
   * @return a new array
   * @throws IllegalStateException if the chunk was freed
   */
  public byte[] toByteArray() {
    return toByteArray(length());
  }

  /**
   * Returns a copy of the chunk's first bytes.
   *
   * @param len number of bytes, 0 to {@link #length()}
   * @return a new array
   * @throws IllegalArgumentException if len is negative or greater than the chunk's length
   * @throws IllegalStateException if the chunk was freed
   */
  public byte[] toByteArray(int len) {
    return toSegment(len).toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * Decodes the whole chunk.
   *
   * @param charset the charset of its bytes
   * @return a new string
   * @throws IllegalStateException if the chunk was freed
   */
  public String toString(Charset charset) {
    return toString(length(), charset);
  }

  /**
   * Decodes the chunk's first bytes.
   *
   * @param len number of bytes, 0 to {@link #length()}
   * @param charset their charset
   * @return a new string
   * @throws IllegalArgumentException if len is negative or greater than the chunk's length
   * @throws IllegalStateException if the chunk was freed
   */
  public String toString(int len, Charset charset) {
    return new String(toByteArray(len), charset);
  }

  @Override
  public String toString() {
    return "Chunk[" + length() + " bytes at " + toOffset() + "]";
  }
}
