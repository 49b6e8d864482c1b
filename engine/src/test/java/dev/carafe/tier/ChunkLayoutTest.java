package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header of a chunk has the length and the offset of the value, and the key (R3, R7). */
final class ChunkLayoutTest {
  private static final int OFFSET = 4096;
  private static final int VALUE_BYTES = 1000;

  private final MemorySegment memory = Arena.ofAuto().allocate(1 << 20, 4096);
  private final SplittableRandom random = new SplittableRandom(7);

  private byte[] key(int bytes) {
    byte[] key = new byte[bytes];
    random.nextBytes(key);
    return key;
  }

  private long header() {
    return ChunkLayout.header(memory, OFFSET);
  }

  private byte[] heldKey() {
    int bytes = ChunkLayout.keyBytesOf(header());
    return memory.asSlice(OFFSET + ChunkLayout.HEADER_BYTES, bytes).toArray(ValueLayout.JAVA_BYTE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 15, 16, 30, 255, 65_535})
  void keyAndValueAreFound(int keyBytes) {
    for (int valueBytes : new int[] {0, VALUE_BYTES, 1024, 1 << 20}) {
      byte[] key = key(keyBytes);
      int valueOffset = ChunkLayout.write(memory, OFFSET, MemorySegment.ofArray(key), valueBytes);
      assertEquals(valueOffset, ChunkLayout.valueOffset(keyBytes));
      assertEquals(valueOffset, ChunkLayout.valueOffsetOf(header()));
      assertEquals(0, valueOffset % 8, "a value is aligned to 8 bytes");
      assertTrue(valueOffset >= ChunkLayout.HEADER_BYTES + keyBytes);
      assertEquals(valueBytes, ChunkLayout.valueBytesOf(header()));
      assertArrayEquals(key, heldKey());
    }
  }

  @Test
  void lengthsUpToTheLargestAreKept() {
    var _ = ChunkLayout.write(memory, OFFSET, MemorySegment.ofArray(key(8)), Integer.MAX_VALUE);
    assertEquals(Integer.MAX_VALUE, ChunkLayout.valueBytesOf(header()));
  }

  /** As for a record that is read into a chunk with its header and its key. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8, 512, 4088})
  void aValueKeepsItsOffsetInTheRecord(int recordAt) {
    byte[] key = key(300);
    int keyAt = OFFSET + recordAt + 24;
    MemorySegment.copy(key, 0, memory, ValueLayout.JAVA_BYTE, keyAt, key.length);
    byte[] value = key(VALUE_BYTES);
    int valueOffset = recordAt + 24 + key.length;
    MemorySegment.copy(value, 0, memory, ValueLayout.JAVA_BYTE, OFFSET + valueOffset, value.length);
    ChunkLayout.writeHeaderAndKey(
        memory, OFFSET, memory.asSlice(keyAt, key.length), valueOffset, value.length);
    assertEquals(valueOffset, ChunkLayout.valueOffsetOf(header()));
    assertEquals(VALUE_BYTES, ChunkLayout.valueBytesOf(header()));
    assertArrayEquals(key, heldKey());
    byte[] found = new byte[VALUE_BYTES];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, OFFSET + valueOffset, found, 0, found.length);
    assertArrayEquals(value, found);
  }
}
