package dev.carafe.cache;

import dev.carafe.Codec;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** A key of which a test hears whenever its hash is asked for. */
record HeardKey(int number, Runnable asked) {
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HeardKey heard && heard.number == number;
  }

  @Override
  public int hashCode() {
    asked.run();
    return number;
  }

  static Codec<HeardKey> codec() {
    return new EqualByBytes<>() {
      @Override
      public int encodedBytes(HeardKey key) {
        return Integer.BYTES;
      }

      @Override
      public void encode(HeardKey key, MemorySegment target) {
        target.set(ValueLayout.JAVA_INT_UNALIGNED, 0, key.number);
      }

      @Override
      public HeardKey decode(MemorySegment source) {
        return new HeardKey(source.get(ValueLayout.JAVA_INT_UNALIGNED, 0), () -> {});
      }
    };
  }
}
