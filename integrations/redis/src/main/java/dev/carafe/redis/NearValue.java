package dev.carafe.redis;

import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A value in the near tier: its bytes as the server has them, and the epoch in which they were
 * read.
 *
 * @param epoch of the connection, at the time when the read began
 * @param bytes of the value; the array is not changed
 * @param deadline when the server's value expires, as {@link System#nanoTime}; {@link #NEVER}; not
 *     encoded, since the cache has the time of expiry
 */
record NearValue(long epoch, byte[] bytes, long deadline) {
  /** The deadline of a value without one. */
  static final long NEVER = Long.MIN_VALUE;

  private static final ValueLayout.OfLong EPOCH = ValueLayout.JAVA_LONG_UNALIGNED;

  /** Returns the nanoseconds to the deadline; 0 or less if it is over. */
  long timeToLive() {
    return deadline == NEVER ? Long.MAX_VALUE : deadline - System.nanoTime();
  }

  /** Eight bytes of epoch before the value. */
  static final class ValueCodec implements Codec<NearValue> {
    @Override
    public int encodedBytes(NearValue value) {
      return Math.addExact(Long.BYTES, value.bytes.length);
    }

    @Override
    public void encode(NearValue value, MemorySegment target) {
      target.set(EPOCH, 0, value.epoch);
      MemorySegment.copy(
          value.bytes, 0, target, ValueLayout.JAVA_BYTE, Long.BYTES, value.bytes.length);
    }

    @Override
    public NearValue decode(MemorySegment source) {
      byte[] bytes = source.asSlice(Long.BYTES).toArray(ValueLayout.JAVA_BYTE);
      return new NearValue(source.get(EPOCH, 0), bytes, NEVER);
    }

    @Override
    public String fingerprint() {
      return "carafe-redis/1";
    }
  }
}
