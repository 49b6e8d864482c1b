package dev.carafe.redis;

import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A value in the near tier: its bytes as the server has them, and the epoch in which they were
 * read.
 *
 * @param epoch the id of the {@link Epoch} in which the read began
 * @param number of the value in this epoch, 0 or more
 * @param bytes of the value; the array is not changed
 * @param deadline when the server's value expires, as {@link System#nanoTime}; {@link #NEVER}; not
 *     encoded, since the cache has the time of expiry
 */
record NearValue(long epoch, long number, byte[] bytes, long deadline) {
  /** The deadline of a value without one. */
  static final long NEVER = Long.MIN_VALUE;

  private static final ValueLayout.OfLong HEAD = ValueLayout.JAVA_LONG_UNALIGNED;

  /** Returns the nanoseconds to the deadline; 0 or less if it is over. */
  long timeToLive() {
    return deadline == NEVER ? Long.MAX_VALUE : deadline - System.nanoTime();
  }

  /** Eight bytes of epoch and eight of the number before the value. */
  static final class ValueCodec implements Codec<NearValue> {
    private static final int HEAD_BYTES = 2 * Long.BYTES;

    @Override
    public int encodedBytes(NearValue value) {
      return Math.addExact(HEAD_BYTES, value.bytes.length);
    }

    @Override
    public void encode(NearValue value, MemorySegment target) {
      target.set(HEAD, 0, value.epoch);
      target.set(HEAD, Long.BYTES, value.number);
      MemorySegment.copy(
          value.bytes, 0, target, ValueLayout.JAVA_BYTE, HEAD_BYTES, value.bytes.length);
    }

    @Override
    public NearValue decode(MemorySegment source) {
      byte[] bytes = source.asSlice(HEAD_BYTES).toArray(ValueLayout.JAVA_BYTE);
      return new NearValue(source.get(HEAD, 0), source.get(HEAD, Long.BYTES), bytes, NEVER);
    }

    @Override
    public String fingerprint() {
      return "carafe-redis/2";
    }
  }
}
