package dev.carafe.cache;

import dev.carafe.Codec;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;

/** A key codec that calls a hook of the test, on the encoding thread, when it encodes a key. */
final class HookedKeys implements EqualByBytes<Long> {
  volatile LongConsumer hook = key -> {};

  /**
   * Writes the same bytes as the built-in codec of longs, so that a file can be opened with either.
   */
  @Override
  public String fingerprint() {
    return Codec.int64().fingerprint();
  }

  @Override
  public int encodedBytes(Long key) {
    return Long.BYTES;
  }

  @Override
  public void encode(Long key, MemorySegment target) {
    hook.accept(key);
    target.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, key);
  }

  @Override
  public Long decode(MemorySegment source) {
    return source.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
  }
}
