package dev.carafe.hotrod;

import dev.carafe.codecs.CodecContract;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The codec of the near tier keeps the contract of codecs (R7). */
final class NearEntryTest {
  private static boolean areEqual(NearEntry one, NearEntry other) {
    return one.epoch() == other.epoch()
        && one.version() == other.version()
        && one.created() == other.created()
        && one.lastUsed() == other.lastUsed()
        && one.lifespan() == other.lifespan()
        && one.maxIdle() == other.maxIdle()
        && Arrays.equals(one.bytes(), other.bytes());
  }

  @Test
  void theCodecKeepsTheContract() {
    byte[] none = {};
    CodecContract.ofKeys(new NearEntry.EntryCodec("test/1"))
        .comparedBy(NearEntryTest::areEqual)
        .samples(
            new NearEntry(0, 0, 0, 0, 0, 0, none),
            new NearEntry(1, 0, 0, 0, 0, 0, none),
            new NearEntry(0, 1, 0, 0, 0, 0, none),
            new NearEntry(0, 0, 1, 0, 0, 0, none),
            new NearEntry(0, 0, 0, 1, 0, 0, none),
            new NearEntry(0, 0, 0, 0, 1, 0, none),
            new NearEntry(0, 0, 0, 0, 0, 1, none),
            new NearEntry(-1, Long.MIN_VALUE, -1, Long.MAX_VALUE, -1, Integer.MIN_VALUE, none),
            new NearEntry(0, 0, 0, 0, 0, 0, new byte[] {0}),
            new NearEntry(0, 0, 0, 0, 0, 0, new byte[] {-1, 0}))
        .verify();
  }
}
