package dev.carafe.tier;

import dev.carafe.base.Bits;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The layout of a chunk that holds a value: a header, the encoded key and the value. So a reader
 * that has found a chunk needs nothing else to compare the key and to read the value.
 *
 * <pre>
 *   0           4         6             8       leadBytes
 *   valueBytes  keyBytes  skippedBytes  key …   value …
 * </pre>
 *
 * <p>The value begins at the first multiple of 8 behind the key, plus {@code skippedBytes}. These
 * are 0, except in a chunk that a record of the file was read into as a whole: its value stays
 * where it was read.
 */
final class ChunkLayout {
  static final int HEADER_BYTES = 8;

  /** The header's {@code keyBytes} if the key is too long for the chunk to hold it. */
  private static final int NO_KEY = 0xFFFF;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private ChunkLayout() {}

  /** Where the value begins in a chunk with a key of this length. */
  static int leadBytes(long keyBytes) {
    return keyBytes >= NO_KEY
        ? HEADER_BYTES
        : (int) Bits.roundUp(HEADER_BYTES + keyBytes, HEADER_BYTES);
  }

  static int leadBytesOf(long header) {
    return leadBytes(keyBytesOf(header)) + (int) (header >>> 48);
  }

  static int valueBytesOf(long header) {
    return (int) header;
  }

  private static int keyBytesOf(long header) {
    return (int) (header >>> Integer.SIZE) & NO_KEY;
  }

  /** Whether the chunk holds its key. */
  static boolean holdsKey(long header) {
    return keyBytesOf(header) != NO_KEY;
  }

  /** The header of the chunk at an offset. */
  static long header(MemorySegment memory, long offset) {
    return memory.get(ValueLayout.JAVA_LONG, offset);
  }

  /** Writes header and key; returns where the value begins, in bytes from the chunk's start. */
  static int write(MemorySegment memory, long offset, MemorySegment key, int valueBytes) {
    return write(memory, offset, key, valueBytes, 0);
  }

  /**
   * As {@link #write}, in a chunk whose value already begins at a later byte.
   *
   * @param key may overlap the chunk
   */
  static void writeAround(
      MemorySegment memory, long offset, MemorySegment key, int leadBytes, int valueBytes) {
    int skipped = leadBytes - leadBytes(key.byteSize());
    var _ = write(memory, offset, key, valueBytes, skipped);
  }

  private static int write(
      MemorySegment memory, long offset, MemorySegment key, int valueBytes, int skippedBytes) {
    long keyBytes = Math.min(key.byteSize(), NO_KEY);
    if (keyBytes != NO_KEY) {
      MemorySegment.copy(key, 0, memory, offset + HEADER_BYTES, keyBytes);
    }
    long header =
        (long) skippedBytes << 48 | keyBytes << Integer.SIZE | Integer.toUnsignedLong(valueBytes);
    memory.set(ValueLayout.JAVA_LONG, offset, header);
    return leadBytes(keyBytes) + skippedBytes;
  }

  /** Whether the chunk at an offset, with this header, holds this key. */
  static boolean hasKey(MemorySegment memory, long offset, long header, byte[] key) {
    if (keyBytesOf(header) != key.length || key.length == NO_KEY) {
      return false;
    }
    long at = offset + HEADER_BYTES;
    int compared = 0;
    for (; compared <= key.length - Long.BYTES; compared += Long.BYTES) {
      if ((long) WORD.get(key, compared)
          != memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + compared)) {
        return false;
      }
    }
    for (; compared < key.length; compared++) {
      if (key[compared] != memory.get(ValueLayout.JAVA_BYTE, at + compared)) {
        return false;
      }
    }
    return true;
  }
}
