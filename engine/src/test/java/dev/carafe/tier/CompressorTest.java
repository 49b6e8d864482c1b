package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.carafe.tier.Compressor.Compressed;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What many threads took at once is not kept (contract B1, B3). */
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
      assertEquals(together * POOLED_BYTES, compressor.bytes());
      taken.forEach(compressor::giveBack);
      assertEquals(Compressor.MAX_POOLED * POOLED_BYTES, compressor.bytes());
    }
  }
}
