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

/** A chunk says how long its value is, where it begins, and which key it belongs to (R3, R7). */
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
      int lead = ChunkLayout.write(memory, OFFSET, MemorySegment.ofArray(key), valueBytes);
      assertEquals(lead, ChunkLayout.leadBytes(keyBytes));
      assertEquals(lead, ChunkLayout.leadBytesOf(header()));
      assertEquals(0, lead % 8, "a value begins where a long may");
      assertTrue(lead >= ChunkLayout.HEADER_BYTES + keyBytes);
      assertEquals(valueBytes, ChunkLayout.valueBytesOf(header()));
      assertArrayEquals(key, heldKey());
    }
  }

  @Test
  void lengthsUpToTheLargestAreKept() {
    var _ = ChunkLayout.write(memory, OFFSET, MemorySegment.ofArray(key(8)), Integer.MAX_VALUE);
    assertEquals(Integer.MAX_VALUE, ChunkLayout.valueBytesOf(header()));
  }

  /** As a record that was read into a chunk with its header and its key. */
  @ParameterizedTest
  @ValueSource(ints = {0, 8, 512, 4088})
  void aValueStaysWhereItWasRead(int recordAt) {
    byte[] key = key(300);
    int keyAt = OFFSET + recordAt + 24;
    MemorySegment.copy(key, 0, memory, ValueLayout.JAVA_BYTE, keyAt, key.length);
    byte[] value = key(VALUE_BYTES);
    int lead = recordAt + 24 + key.length;
    MemorySegment.copy(value, 0, memory, ValueLayout.JAVA_BYTE, OFFSET + lead, value.length);
    ChunkLayout.writeAround(memory, OFFSET, memory.asSlice(keyAt, key.length), lead, value.length);
    assertEquals(lead, ChunkLayout.leadBytesOf(header()));
    assertEquals(VALUE_BYTES, ChunkLayout.valueBytesOf(header()));
    assertArrayEquals(key, heldKey());
    byte[] found = new byte[VALUE_BYTES];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, OFFSET + lead, found, 0, found.length);
    assertArrayEquals(value, found);
  }
}
