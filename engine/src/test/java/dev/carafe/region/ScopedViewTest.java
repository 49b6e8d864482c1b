package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** M2: an open view shows the memory. A view of a closed scope throws and reads no memory. */
final class ScopedViewTest {
  private final MemorySegment memory = Arena.ofAuto().allocate(100);

  private static void assertClosed(MemorySegment view) {
    assertThrows(IllegalStateException.class, () -> view.get(JAVA_BYTE, 0));
    assertFalse(view.scope().isAlive());
  }

  @Test
  void readShowsTheBytesAndReturnsWhatTheReaderMakes() {
    memory.set(JAVA_BYTE, 12, (byte) 7);
    byte seen = ScopedView.read(memory, 10, 5, view -> view.get(JAVA_BYTE, 2));
    assertEquals(7, seen);
    assertEquals(5L, ScopedView.<Long>read(memory, 10, 5, MemorySegment::byteSize));
    assertEquals(0L, ScopedView.<Long>read(memory, 100, 0, MemorySegment::byteSize));
    assertNull(ScopedView.<@Nullable Object>read(memory, 0, 1, view -> null));
  }

  @Test
  void aReadersViewIsReadOnly() {
    MemorySegment leaked =
        ScopedView.read(
            memory,
            0,
            8,
            view -> {
              assertTrue(view.isReadOnly());
              assertThrows(IllegalArgumentException.class, () -> view.set(JAVA_BYTE, 0, (byte) 1));
              assertThrows(IllegalArgumentException.class, () -> view.asSlice(1).fill((byte) 1));
              assertTrue(view.asByteBuffer().isReadOnly());
              return view;
            });
    assertClosed(leaked);
    assertEquals(0, memory.get(JAVA_BYTE, 0));
  }

  @Test
  void slicesEndWithTheirView() {
    List<MemorySegment> views = new ArrayList<>();
    List<ByteBuffer> buffers = new ArrayList<>();
    ScopedView.read(
        memory,
        0,
        8,
        view -> {
          views.add(view);
          views.add(view.asSlice(2, 3));
          return buffers.add(view.asByteBuffer());
        });
    views.forEach(ScopedViewTest::assertClosed);
    buffers.forEach(buffer -> assertThrows(IllegalStateException.class, () -> buffer.get(0)));
  }

  @Test
  void anExceptionOfTheReaderEndsItsView() {
    List<MemorySegment> leaked = new ArrayList<>();
    RuntimeException failure = new UnsupportedOperationException("the reader's");
    assertSame(
        failure,
        assertThrows(
            UnsupportedOperationException.class,
            () ->
                ScopedView.read(
                    memory,
                    0,
                    8,
                    view -> {
                      leaked.add(view);
                      throw failure;
                    })));
    assertClosed(leaked.getFirst());
  }

  @Test
  void writeFillsTheMemoryItselfAndEnds() {
    List<MemorySegment> leaked = new ArrayList<>();
    ScopedView.write(
        memory,
        10,
        5,
        view -> {
          assertEquals(5, view.byteSize());
          view.fill((byte) 3);
          assertThrows(IndexOutOfBoundsException.class, () -> view.set(JAVA_BYTE, 5, (byte) 3));
          leaked.add(view);
        });
    assertEquals(0, memory.get(JAVA_BYTE, 9));
    assertEquals(3, memory.get(JAVA_BYTE, 10));
    assertEquals(3, memory.get(JAVA_BYTE, 14));
    assertEquals(0, memory.get(JAVA_BYTE, 15));
    assertThrows(IllegalStateException.class, () -> leaked.getFirst().set(JAVA_BYTE, 0, (byte) 4));
    assertEquals(3, memory.get(JAVA_BYTE, 10));
  }

  @Test
  void aViewIsWithinItsMemory() {
    assertThrows(IndexOutOfBoundsException.class, () -> ScopedView.open(memory, 96, 5));
    assertThrows(IndexOutOfBoundsException.class, () -> ScopedView.open(memory, -1, 5));
    assertThrows(IndexOutOfBoundsException.class, () -> ScopedView.open(memory, 0, -1));
    assertThrows(
        IndexOutOfBoundsException.class, () -> ScopedView.read(memory, 101, 0, view -> view));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> ScopedView.write(memory, 0, 101, view -> view.fill((byte) 1)));
  }

  @Test
  void anOpenViewShowsLaterWritesUntilItIsClosed() {
    MemorySegment leaked;
    try (ScopedView view = ScopedView.open(memory, 20, 4)) {
      leaked = view.segment();
      assertEquals(4, leaked.byteSize());
      assertTrue(leaked.isReadOnly());
      memory.set(JAVA_BYTE, 21, (byte) 5);
      assertEquals(5, leaked.get(JAVA_BYTE, 1));
      assertSame(leaked, view.segment());
    }
    assertClosed(leaked);
    assertEquals(5, memory.get(JAVA_BYTE, 21));
  }

  @Test
  void closingTwiceDoesNothing() {
    ScopedView view = ScopedView.open(memory, 0, 4);
    view.close();
    view.close();
    var error = assertThrows(IllegalStateException.class, view::segment);
    assertTrue(Objects.requireNonNull(error.getMessage()).contains("closed"));
  }

  @Test
  void viewsOfTheSameBytesEndOneByOne() {
    ScopedView first = ScopedView.open(memory, 0, 4);
    try (ScopedView second = ScopedView.open(memory, 0, 4)) {
      first.close();
      assertEquals(0, second.segment().get(JAVA_BYTE, 0));
    }
  }

  @Test
  void anotherThreadIsRefused() throws Exception {
    try (ScopedView view = ScopedView.open(memory, 0, 4)) {
      MemorySegment segment = view.segment();
      Race.run(
          1,
          other -> {
            assertThrows(WrongThreadException.class, () -> segment.get(JAVA_BYTE, 0));
            assertThrows(WrongThreadException.class, view::segment);
            assertThrows(WrongThreadException.class, view::close);
          });
      assertEquals(0, view.segment().get(JAVA_BYTE, 0));
    }
  }
}
