package dev.carafe.cache;

import dev.carafe.Codec;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;

/** Keys that tell a test when, and on which thread, the engine writes their bytes. */
final class HookedKeys implements EqualByBytes<Long> {
  volatile LongConsumer hook = key -> {};

  /** The built-in codec of longs writes the same bytes, and the tests open a file with either. */
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
