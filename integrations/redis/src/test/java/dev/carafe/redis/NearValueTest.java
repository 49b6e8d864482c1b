package dev.carafe.redis;

import dev.carafe.codecs.CodecContract;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The codec of the near tier keeps the contract of codecs (R7). */
final class NearValueTest {
  private static NearValue value(long epoch, long number, int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return new NearValue(epoch, number, array, NearValue.NEVER);
  }

  @Test
  void theCodecKeepsTheContract() {
    CodecContract.ofKeys(new NearValue.ValueCodec())
        .comparedBy((one, other) ->
            one.epoch() == other.epoch()
                && one.number() == other.number()
                && Arrays.equals(one.bytes(), other.bytes()))
        .samples(
            value(0, 0),
            value(-1, 7),
            value(Long.MIN_VALUE, 0, 0),
            value(1L << 56, 1L << 40, 1, -1),
            value(0, 1, 0))
        .verify();
  }
}
