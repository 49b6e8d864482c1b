package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import net.openhft.chronicle.bytes.Bytes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A chunk as Chronicle Bytes: the chunk's own memory without a copy, and nothing beyond it. */
@Tag("chronicle")
final class ChunkBytesTest {
  private static final int BLOCK = 16;

  private final MemorySegment buffer = Arena.ofAuto().allocate(64);
  private final Region region = Region.init(BLOCK, buffer);
  private final Chunk before = region.alloc();
  private final Chunk chunk = region.alloc();
  private final Chunk after = region.alloc();

  private void assertNeighboursUntouched() {
    for (Chunk neighbour : new Chunk[] {before, after}) {
      for (byte each : neighbour.toByteArray()) {
        assertEquals(0, each, () -> neighbour + " was written");
      }
    }
  }

  @Test
  void bytesAndSegmentShareMemory() {
    Bytes<?> bytes = chunk.toBytes();
    bytes.writeLong(42);
    bytes.writeUtf8("hé");
    MemorySegment segment = chunk.toSegment();
    assertEquals(42, segment.get(JAVA_LONG_UNALIGNED, 0));
    segment.set(JAVA_LONG_UNALIGNED, 0, 43);
    assertEquals(43, bytes.readLong());
    assertEquals("hé", bytes.readUtf8());
    Bytes<?> reader = chunk.toBytes(8);
    reader.writePosition(8);
    assertEquals(43, reader.readLong());
    assertNeighboursUntouched();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, BLOCK})
  void boundedToItsLen(int len) {
    Bytes<?> bytes = len == BLOCK ? chunk.toBytes() : chunk.toBytes(len);
    assertEquals(0, bytes.readPosition());
    assertEquals(0, bytes.writePosition());
    assertEquals(len, bytes.writeLimit());
    assertEquals(len, bytes.writeRemaining());
    assertEquals(len, bytes.capacity());
    assertEquals(0, bytes.readRemaining());
    for (int i = 0; i < len; i++) {
      bytes.writeByte((byte) (i + 1));
    }
    assertThrows(BufferOverflowException.class, () -> bytes.writeByte((byte) 9));
    assertThrows(BufferOverflowException.class, () -> bytes.writeByte(len, (byte) 9));
    assertEquals(len, bytes.readRemaining());
    for (int i = 0; i < len; i++) {
      assertEquals(i + 1, chunk.toSegment().get(JAVA_BYTE, i));
      assertEquals(i + 1, bytes.readByte());
    }
    assertThrows(BufferUnderflowException.class, () -> bytes.readByte(len));
    for (int i = len; i < BLOCK; i++) {
      assertEquals(0, chunk.toSegment().get(JAVA_BYTE, i));
    }
    assertNeighboursUntouched();
  }

  @Test
  void aLongMustFitWhole() {
    Bytes<?> bytes = chunk.toBytes(BLOCK);
    bytes.writePosition(BLOCK - 7);
    assertThrows(BufferOverflowException.class, () -> bytes.writeLong(-1));
    assertThrows(BufferOverflowException.class, () -> bytes.writeLong(BLOCK - 7, -1));
    assertThrows(BufferOverflowException.class, () -> bytes.write(new byte[8]));
    assertNeighboursUntouched();
  }

  @Test
  void lenMustBeWithinTheChunk() {
    assertThrows(IllegalArgumentException.class, () -> chunk.toBytes(-1));
    assertThrows(IllegalArgumentException.class, () -> chunk.toBytes(BLOCK + 1));
  }

  @Test
  void aFreedChunkRejectsViews() {
    region.free(chunk);
    assertThrows(IllegalStateException.class, chunk::toBytes);
    assertThrows(IllegalStateException.class, () -> chunk.toBytes(0));
  }

  @Test
  void viewsAreIndependent() {
    Bytes<?> first = chunk.toBytes();
    Bytes<?> second = chunk.toBytes();
    first.writeLong(7);
    assertEquals(8, first.writePosition());
    assertEquals(0, second.writePosition());
  }
}
