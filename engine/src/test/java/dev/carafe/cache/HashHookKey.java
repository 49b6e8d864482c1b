package dev.carafe.cache;

import dev.carafe.Codec;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** A key that calls a hook of the test on each call of {@code hashCode}. */
record HashHookKey(int number, Runnable hashed) {
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HashHookKey key && key.number == number;
  }

  @Override
  public int hashCode() {
    hashed.run();
    return number;
  }

  static Codec<HashHookKey> codec() {
    return new EqualByBytes<>() {
      @Override
      public int encodedBytes(HashHookKey key) {
        return Integer.BYTES;
      }

      @Override
      public void encode(HashHookKey key, MemorySegment target) {
        target.set(ValueLayout.JAVA_INT_UNALIGNED, 0, key.number);
      }

      @Override
      public HashHookKey decode(MemorySegment source) {
        return new HashHookKey(source.get(ValueLayout.JAVA_INT_UNALIGNED, 0), () -> {});
      }
    };
  }
}
