package dev.carafe.region;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.Charset;
import net.openhft.chronicle.bytes.Bytes;

/**
 * One chunk of a {@link Region}, from its {@code alloc} to its {@code free}.
 *
 * <p>Equal only to itself. Every view is refused once the chunk is freed; a view made before that
 * is not stopped and would see the next owner's bytes, so drop it first. The chunk may be passed
 * between threads; its bytes are its owner's to guard.
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
   * How long the chunk is, freed or not.
   *
   * @return the region's block size, in bytes
   */
  public int length() {
    return region.blockSize();
  }

  /**
   * Where the chunk begins, freed or not.
   *
   * @return bytes from the start of the region's buffer
   */
  public long toOffset() {
    return region.offsetOf(handle);
  }

  /**
   * The whole chunk, without a copy.
   *
   * @return a writable view in the scope of the region's buffer
   * @throws IllegalStateException if the chunk was freed
   */
  public MemorySegment toSegment() {
    return toSegment(length());
  }

  /**
   * The chunk's beginning, without a copy.
   *
   * @param len how many bytes, 0 to {@link #length()}
   * @return a writable view of exactly that many bytes, in the scope of the region's buffer
   * @throws IllegalArgumentException if len is negative or more than the chunk has
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
   * The whole chunk as Chronicle Bytes, without a copy. Needs the JVM flags that Chronicle needs.
   *
   * @return a view bounded to the chunk, positioned for reading and writing at 0; used by one
   *     thread at a time
   * @throws IllegalStateException if the chunk was freed
   */
  public Bytes<?> toBytes() {
    return toBytes(length());
  }

  /**
   * The chunk's beginning as Chronicle Bytes, without a copy. Needs the JVM flags that Chronicle
   * needs.
   *
   * @param len how many bytes, 0 to {@link #length()}
   * @return a view bounded to that many bytes, positioned for reading and writing at 0; used by one
   *     thread at a time. It does not know the buffer's arena: drop it before the arena closes.
   * @throws IllegalArgumentException if len is negative or more than the chunk has
   * @throws IllegalStateException if the chunk was freed
   */
  public Bytes<?> toBytes(int len) {
    return ChunkBytes.over(toSegment(len));
  }

  /**
   * A copy of the whole chunk.
   *
   * @return a new array
   * @throws IllegalStateException if the chunk was freed
   */
  public byte[] toByteArray() {
    return toByteArray(length());
  }

  /**
   * A copy of the chunk's beginning.
   *
   * @param len how many bytes, 0 to {@link #length()}
   * @return a new array
   * @throws IllegalArgumentException if len is negative or more than the chunk has
   * @throws IllegalStateException if the chunk was freed
   */
  public byte[] toByteArray(int len) {
    return toSegment(len).toArray(ValueLayout.JAVA_BYTE);
  }

  /**
   * The whole chunk as text.
   *
   * @param charset how its bytes are read
   * @return a new string
   * @throws IllegalStateException if the chunk was freed
   */
  public String toString(Charset charset) {
    return toString(length(), charset);
  }

  /**
   * The chunk's beginning as text.
   *
   * @param len how many bytes, 0 to {@link #length()}
   * @param charset how they are read
   * @return a new string
   * @throws IllegalArgumentException if len is negative or more than the chunk has
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
