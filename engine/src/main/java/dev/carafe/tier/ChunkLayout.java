package dev.carafe.tier;

import dev.carafe.base.Bits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layout of a chunk: a header of 8 bytes, the encoded key and the value. A reader of a chunk
 * compares the key and reads the value without other memory.
 *
 * <pre>
 *   0           4         6             8       valueOffset
 *   valueBytes  keyBytes  paddingBytes  key …   value …
 * </pre>
 *
 * <p>The value begins {@code paddingBytes} after the first multiple of 8 behind the key. The
 * padding is 0, except in a chunk that a record of the file was read into. The value of such a
 * chunk stays at its offset in the record.
 */
final class ChunkLayout {
  static final int HEADER_BYTES = 8;

  private static final int MAX_KEY_BYTES = 0xFFFF;

  private ChunkLayout() {}

  /** The offset of the value in a chunk without padding. */
  static int valueOffset(long keyBytes) {
    return (int) Bits.roundUp(HEADER_BYTES + keyBytes, HEADER_BYTES);
  }

  static int valueOffsetOf(long header) {
    return valueOffset(keyBytesOf(header)) + (int) (header >>> 48);
  }

  static int valueBytesOf(long header) {
    return (int) header;
  }

  static int keyBytesOf(long header) {
    return (int) (header >>> Integer.SIZE) & MAX_KEY_BYTES;
  }

  /** The header of the chunk at an offset. */
  static long header(MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_LONG, offset);
  }

  /** Writes header and key. Returns the offset of the value in the chunk. */
  static int write(MemorySegment memory, long offset, MemorySegment key, int valueBytes) {
    int valueOffset = valueOffset(key.byteSize());
    writeHeaderAndKey(memory, offset, key, valueOffset, valueBytes);
    return valueOffset;
  }

  /**
   * Writes header and key into a chunk whose value has a given offset.
   *
   * @param key the encoded key, which may be in the same chunk
   */
  static void writeHeaderAndKey(
      MemorySegment memory, long offset, MemorySegment key, int valueOffset, int valueBytes) {
    long keyBytes = key.byteSize();
    MemorySegment.copy(key, 0, memory, offset + HEADER_BYTES, keyBytes);
    long header =
        (long) (valueOffset - valueOffset(keyBytes)) << 48
            | keyBytes << Integer.SIZE
            | Integer.toUnsignedLong(valueBytes);
    memory.set(ValueLayout.JAVA_LONG, offset, header);
  }
}
