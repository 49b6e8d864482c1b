package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A chunk's views share its memory, have the requested length, and are refused after the free. Its
 * arrays and strings are copies.
 */
final class ChunkTest {
  private static final int BLOCK = 16;

  private final MemorySegment buffer = Arena.ofAuto().allocate(100);
  private final Region region = Region.init(BLOCK, buffer, 4);

  @Test
  void chunksAreEqualToThemselvesOnly() {
    Region twin = Region.init(BLOCK, buffer, 4);
    Chunk first = region.alloc();
    assertNotEquals(first, twin.alloc());
    assertEquals(first, first);
    region.free(first);
    assertNotEquals(first, region.alloc());
  }

  @Test
  void offsetAndLengthStayValidAfterTheFree() {
    region.alloc();
    Chunk chunk = region.alloc();
    region.free(chunk);
    assertEquals(BLOCK, chunk.length());
    assertEquals(16, chunk.toOffset());
  }

  @Test
  void viewsShareMemory() {
    Chunk chunk = region.alloc();
    MemorySegment writer = chunk.toSegment();
    MemorySegment reader = chunk.toSegment(8);
    writer.set(JAVA_INT_UNALIGNED, 4, 0xCAFE);
    assertEquals(0xCAFE, reader.get(JAVA_INT_UNALIGNED, 4));
    assertEquals(0xCAFE, buffer.get(JAVA_INT_UNALIGNED, chunk.toOffset() + 4));
    reader.asByteBuffer().put(0, (byte) 9);
    assertEquals(9, writer.get(JAVA_BYTE, 0));
    assertEquals(BLOCK, writer.byteSize());
    assertEquals(8, reader.byteSize());
  }

  @Test
  void aViewOfLengthZeroIsEmpty() {
    Chunk chunk = region.alloc();
    assertEquals(0, chunk.toSegment(0).byteSize());
    assertEquals(0, chunk.toByteArray(0).length);
    assertEquals("", chunk.toString(0, UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, BLOCK + 1, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void lenMustBeWithinTheChunk(int len) {
    Chunk chunk = region.alloc();
    var error = assertThrows(IllegalArgumentException.class, () -> chunk.toSegment(len));
    assertEquals("len is " + len + " but must be 0 to the chunk's length 16", error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> chunk.toByteArray(len));
    assertThrows(IllegalArgumentException.class, () -> chunk.toString(len, UTF_8));
    assertThrows(IllegalArgumentException.class, () -> chunk.toBytes(len));
  }

  @Test
  void aViewEndsWhereItsLenEnds() {
    Chunk chunk = region.alloc();
    assertThrows(
        IndexOutOfBoundsException.class, () -> chunk.toSegment().set(JAVA_BYTE, BLOCK, (byte) 1));
    assertThrows(
        IndexOutOfBoundsException.class, () -> chunk.toSegment(5).set(JAVA_BYTE, 5, (byte) 1));
    assertThrows(IndexOutOfBoundsException.class, () -> chunk.toSegment(0).get(JAVA_BYTE, 0));
  }

  @Test
  void aFreedChunkRejectsViews() {
    Chunk chunk = region.alloc();
    region.free(chunk);
    assertRefusesViews(chunk);
    while (region.tryAlloc() != null) {
      // until the next owner has it
    }
    assertRefusesViews(chunk);
  }

  private static void assertRefusesViews(Chunk chunk) {
    var error = assertThrows(IllegalStateException.class, chunk::toSegment);
    assertEquals(chunk + " was freed", error.getMessage());
    assertThrows(IllegalStateException.class, () -> chunk.toSegment(0));
    assertThrows(IllegalStateException.class, chunk::toBytes);
    assertThrows(IllegalStateException.class, () -> chunk.toBytes(1));
    assertThrows(IllegalStateException.class, chunk::toByteArray);
    assertThrows(IllegalStateException.class, () -> chunk.toByteArray(1));
    assertThrows(IllegalStateException.class, () -> chunk.toString(UTF_8));
    assertThrows(IllegalStateException.class, () -> chunk.toString(1, UTF_8));
  }

  @Test
  void arraysAndTextAreCopies() {
    Chunk chunk = region.alloc();
    chunk.toSegment().asByteBuffer().put("sixteen bytes ok".getBytes(UTF_8));
    byte[] copy = chunk.toByteArray();
    String text = chunk.toString(UTF_8);
    chunk.toSegment().fill((byte) 0);
    assertArrayEquals("sixteen bytes ok".getBytes(UTF_8), copy);
    assertEquals("sixteen bytes ok", text);
    copy[0] = 1;
    assertEquals(0, chunk.toSegment().get(JAVA_BYTE, 0));
    assertNotSame(chunk.toByteArray(), chunk.toByteArray());
  }

  @Test
  void textIsReadInTheCharsetGiven() {
    Chunk chunk = region.alloc();
    chunk.toSegment().asByteBuffer().put("é".getBytes(UTF_8));
    assertEquals("é", chunk.toString(2, UTF_8));
    assertEquals("Ã©", chunk.toString(2, ISO_8859_1));
    assertArrayEquals(new byte[] {(byte) 0xC3}, chunk.toByteArray(1));
    assertEquals("Chunk[16 bytes at 0]", chunk.toString());
  }

  @Test
  void memoryIsNotCleared() {
    Region one = Region.init(BLOCK, buffer, 1);
    Chunk chunk = one.alloc();
    chunk.toSegment().fill((byte) 'Q');
    one.free(chunk);
    assertEquals("Q".repeat(BLOCK), one.alloc().toString(UTF_8));
  }

  @Test
  void viewsEndWithTheArena() {
    Region closing;
    Chunk chunk;
    MemorySegment view;
    try (Arena arena = Arena.ofConfined()) {
      closing = Region.init(BLOCK, arena.allocate(64));
      chunk = closing.alloc();
      view = chunk.toSegment();
    }
    assertThrows(IllegalStateException.class, () -> view.get(JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, chunk::toByteArray);
    closing.free(chunk);
    assertEquals(4, closing.avail());
  }
}
