package dev.carafe.tier;

import dev.carafe.base.Bits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layout of a chunk that holds a value: a header, the encoded key and the value. So a reader
 * that has found a chunk needs nothing else to compare the key and to read the value.
 *
 * <pre>
 *   0           4         6             8       leadBytes
 *   valueBytes  keyBytes  skippedBytes  key …   value …
 * </pre>
 *
 * <p>The value begins {@code skippedBytes} after the first multiple of 8 behind the key. These are
 * 0, except in a chunk that a record of the file was read into: its value stays where it was read.
 */
final class ChunkLayout {
  static final int HEADER_BYTES = 8;

  private static final int MAX_KEY_BYTES = 0xFFFF;

  private ChunkLayout() {}

  /** Where a value begins in a chunk whose key has this length. */
  static int leadBytes(long keyBytes) {
    return (int) Bits.roundUp(HEADER_BYTES + keyBytes, HEADER_BYTES);
  }

  static int leadBytesOf(long header) {
    return leadBytes(keyBytesOf(header)) + (int) (header >>> 48);
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

  /** Writes header and key; returns where the value begins, in bytes from the chunk's start. */
  static int write(MemorySegment memory, long offset, MemorySegment key, int valueBytes) {
    int lead = leadBytes(key.byteSize());
    writeAround(memory, offset, key, lead, valueBytes);
    return lead;
  }

  /**
   * Writes header and key in a chunk whose value begins at a given byte.
   *
   * @param key may overlap the chunk
   */
  static void writeAround(
      MemorySegment memory, long offset, MemorySegment key, int leadBytes, int valueBytes) {
    long keyBytes = key.byteSize();
    MemorySegment.copy(key, 0, memory, offset + HEADER_BYTES, keyBytes);
    long header =
        (long) (leadBytes - leadBytes(keyBytes)) << 48
            | keyBytes << Integer.SIZE
            | Integer.toUnsignedLong(valueBytes);
    memory.set(ValueLayout.JAVA_LONG, offset, header);
  }
}
