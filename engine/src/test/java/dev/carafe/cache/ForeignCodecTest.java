package dev.carafe.cache;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.spi.CopyingCodec;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Codecs of other libraries can't read beyond their bytes or after the call (M2, M4). */
final class ForeignCodecTest {
  /** Codes longs; reads one byte too many on request, and keeps the memory. */
  private static final class Faulty implements EqualByBytes<Long>, CopyingCodec<Long> {
    volatile boolean readsTooFar;
    volatile @Nullable MemorySegment kept;

    private long readLong(MemorySegment memory, long offset, int length) {
      kept = memory;
      if (readsTooFar) {
        var _ = memory.get(ValueLayout.JAVA_BYTE, offset + length);
      }
      return memory.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }

    @Override
    public int encodedBytes(Long value) {
      return Long.BYTES;
    }

    @Override
    public void encode(Long value, MemorySegment target) {
      target.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    }

    @Override
    public Long decode(MemorySegment memory, long offset, int length) {
      return readLong(memory, offset, length);
    }

    @Override
    public boolean isEncoding(Long value, MemorySegment memory, long offset, int length) {
      return readLong(memory, offset, length) == value;
    }
  }

  private final Faulty faulty = new Faulty();

  private void check(Carafe<Long, Long> cache) {
    cache.put(1L, 2L);
    assertEquals(2L, cache.getIfPresent(1L));
    MemorySegment kept = requireNonNull(faulty.kept);
    assertEquals(Long.BYTES, kept.byteSize());
    assertThrows(IllegalStateException.class, () -> kept.get(ValueLayout.JAVA_BYTE, 0));
    faulty.readsTooFar = true;
    assertThrows(IndexOutOfBoundsException.class, () -> cache.getIfPresent(1L));
    faulty.readsTooFar = false;
    assertEquals(2L, cache.getIfPresent(1L));
  }

  @Test
  void keys() {
    try (Carafe<Long, Long> cache =
        Carafe.newBuilder().keyCodec(faulty).valueCodec(Codec.int64()).memory(1 << 20).build()) {
      check(cache);
    }
  }

  @Test
  void values() {
    try (Carafe<Long, Long> cache =
        Carafe.newBuilder().keyCodec(Codec.int64()).valueCodec(faulty).memory(1 << 20).build()) {
      check(cache);
    }
  }
}
