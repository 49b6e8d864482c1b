package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The operations while values move between memory and file: {@link #evictEntries} evicts them from
 * memory, and reads promote them.
 */
@Tag("lincheck")
@SmallRecentReads
public class TiersLincheckTest extends LincheckOperations {
  private static final int VALUE_BYTES = 3000;
  private static final int CROWD = 12;
  private static final Carafe<Long, Integer> CACHE = open();

  /** A codec that pads numbers to large values. */
  private static Codec<Integer> padded() {
    return new Codec<>() {
      @Override
      public int encodedBytes(Integer value) {
        return VALUE_BYTES;
      }

      @Override
      public void encode(Integer value, MemorySegment target) {
        target.fill(value.byteValue());
        target.set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
      }

      @Override
      public Integer decode(MemorySegment source) {
        return source.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
      }
    };
  }

  private static Carafe<Long, Integer> open() {
    try {
      Path file = Files.createTempFile("lincheck", ".carafe");
      file.toFile().deleteOnExit();
      return Carafe.newBuilder()
          .keyCodec(Codec.int64())
          .valueCodec(padded())
          .memory(64 * 1024)
          .file(FileOptions.at(file, 64 << 20))
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  Carafe<Long, Integer> cache() {
    return CACHE;
  }

  /** Puts other keys, which evicts entries. */
  @Operation
  public void evictEntries() {
    for (int i = 0; i < CROWD; i++) {
      CACHE.put(-1L - NEXT.get() * CROWD - i, i);
    }
  }

  @Test
  void operationsAreLinearizableOverBothTiers() { // R4
    check(TiersLincheckTest.class);
    if (CACHE.tierStats().file().hits() == 0 || CACHE.tierStats().memory().spilled() == 0) {
      throw new AssertionError("nothing moved: " + CACHE.tierStats());
    }
  }
}
