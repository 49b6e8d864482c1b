package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.tier.Compressor.Compressed;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Scratch memory beyond the pool's bound is unmapped after use (contract B1, B3). */
final class CompressorTest {
  private static final long POOLED_BYTES = 256 * 1024;

  @Test
  void theScratchMemoryIsBoundedAndCounted() {
    int together = 3 * Compressor.MAX_POOLED;
    try (Compressor compressor = new Compressor();
        NativeCopy zeros = NativeCopy.of(new byte[5000])) {
      List<Compressed> taken = new ArrayList<>();
      for (int i = 0; i < together; i++) {
        taken.add(Objects.requireNonNull(compressor.tryCompress(zeros.segment())));
      }
      long pooled = Compressor.MAX_POOLED * POOLED_BYTES;
      long room = (compressor.bytes() - pooled) / (together - Compressor.MAX_POOLED);
      assertTrue(room >= 5000 && room < 6000, "each of the others takes " + room + " bytes");
      taken.forEach(compressor::release);
      assertEquals(Compressor.MAX_POOLED * POOLED_BYTES, compressor.bytes());
    }
  }

  /** Closing a shared arena costs a handshake with all threads (issue 16). */
  @Test
  void onlyPooledMemoryIsSharedBetweenThreads() {
    try (Compressor compressor = new Compressor();
        NativeCopy large = NativeCopy.of(new byte[1 << 20]);
        NativeCopy small = NativeCopy.of(new byte[5000])) {
      List<Compressed> taken = new ArrayList<>();
      taken.add(Objects.requireNonNull(compressor.tryCompress(large.segment())));
      for (int i = 0; i <= Compressor.MAX_POOLED; i++) {
        taken.add(Objects.requireNonNull(compressor.tryCompress(small.segment())));
      }
      Thread other = new Thread(() -> {});
      assertFalse(taken.getFirst().bytes().isAccessibleBy(other), "larger than what is pooled");
      assertFalse(taken.getLast().bytes().isAccessibleBy(other), "taken when the pool was empty");
      assertTrue(taken.get(1).bytes().isAccessibleBy(other), "pooled");
      taken.forEach(compressor::release);
      assertEquals(Compressor.MAX_POOLED * POOLED_BYTES, compressor.bytes());
    }
  }

  @Test
  void aLargeValueIsDecompressed() {
    byte[] bytes = new byte[1 << 20];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i >> 10);
    }
    try (Compressor compressor = new Compressor();
        NativeCopy value = NativeCopy.of(bytes)) {
      Compressed compressed = Objects.requireNonNull(compressor.tryCompress(value.segment()));
      byte[] read = new byte[bytes.length];
      assertTrue(Compressor.decompress(compressed.bytes(), MemorySegment.ofArray(read)));
      assertArrayEquals(bytes, read);
      compressor.release(compressed);
      assertEquals(0, compressor.bytes());
    }
  }
}
