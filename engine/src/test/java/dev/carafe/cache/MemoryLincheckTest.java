package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The operations without a file and without evictions. */
@Tag("lincheck")
@SmallRecentReads
public class MemoryLincheckTest extends LincheckOperations {
  private static final Carafe<Long, Integer> CACHE =
      Carafe.newBuilder()
          .keyCodec(Codec.int64())
          .valueCodec(Codec.int32())
          .memory(64 << 20)
          .build();

  @Override
  Carafe<Long, Integer> cache() {
    return CACHE;
  }

  @Test
  void operationsAreLinearizableInMemory() { // R4
    check(MemoryLincheckTest.class);
  }
}
