package dev.carafe.codecs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.kryo5.Kryo;
import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The codecs of the project keep the contract (R7, F4), and each broken rule is reported. */
final class CodecContractTest {
  record Order(long number, String customer) {}

  @Test
  void theBuiltInCodecsKeepIt() {
    CodecContract.ofKeys(Codec.bytes())
        .samples(new byte[0], new byte[] {0}, new byte[] {0, 0}, new byte[] {-1})
        .verify();
    CodecContract.ofKeys(Codec.utf8())
        .samples("", "a", "A", "é", "e\u0301", "\0", "\uD83D\uDE00")
        .refused("\uD83D")
        .verify();
    CodecContract.ofKeys(Codec.int64()).samples(0L, -1L, Long.MIN_VALUE, 1L << 56).verify();
    CodecContract.ofKeys(Codec.int32()).samples(0, -1, Integer.MIN_VALUE, 1 << 24).verify();
    CodecContract.ofKeys(Codec.uuid())
        .samples(new UUID(0, 0), new UUID(0, 1), new UUID(1, 0))
        .verify();
    CodecContract.ofKeys(Codec.segment())
        .samples(MemorySegment.ofArray(new byte[0]), MemorySegment.ofArray(new byte[] {1, 2, 3}))
        .verify();
  }

  @Test
  void theCodecsOfObjectsKeepIt() {
    Order[] orders = {new Order(0, ""), new Order(-1, "Ada"), new Order(1L << 40, "é")};
    Codec<Order> kryo =
        new KryoCodec<>(
            Order.class,
            () -> {
              Kryo it = new Kryo();
              it.register(Order.class);
              return it;
            });
    CodecContract.ofValues(kryo).samples(orders).verify();
    CodecContract.ofValues(new JacksonCodec<>(Order.class, JsonMapper.shared()))
        .samples(orders)
        .verify();
    CodecContract.ofValues(
            new Jackson2Codec<>(Order.class, new com.fasterxml.jackson.databind.json.JsonMapper()))
        .samples(orders)
        .verify();
  }

  @Test
  void equalBytesOfDifferentKeysAreReported() {
    Codec<String> folding =
        Codec.of(
            s -> s.toLowerCase(Locale.ROOT).getBytes(UTF_8), bytes -> new String(bytes, UTF_8));
    assertBreaks("round trip", CodecContract.ofKeys(folding).samples("A", "a"));
    CodecContract<String> ignoringCase =
        CodecContract.ofKeys(folding).samples("A", "a").comparedBy((a, b) -> true);
    ignoringCase.verify();
    assertBreaks(
        "differ and have equal bytes",
        CodecContract.ofKeys(folding)
            .samples("A", "a")
            .comparedBy((a, b) -> a.equals(b) || b.equals(a.toLowerCase(Locale.ROOT))));
  }

  @Test
  void aTooLargeLengthIsReported() {
    assertBreaks("exact length", CodecContract.ofValues(new Longs(9, true)).samples(1L));
  }

  @Test
  void aTooSmallLengthIsReported() {
    assertBreaks("exact length", CodecContract.ofValues(new Longs(7, true)).samples(1L));
  }

  @Test
  void accessThatNeedsAlignmentIsReported() {
    assertBreaks("exact length", CodecContract.ofValues(new Longs(8, false)).samples(1L));
  }

  @Test
  void aKeptSourceIsReported() {
    Codec<MemorySegment> keeping =
        new Fixed<>() {
          @Override
          public int encodedBytes(MemorySegment value) {
            return (int) value.byteSize();
          }

          @Override
          public void encode(MemorySegment value, MemorySegment target) {
            target.copyFrom(value);
          }

          @Override
          public MemorySegment decode(MemorySegment source) {
            return source;
          }
        };
    assertBreaks(
        "nothing is kept",
        CodecContract.ofValues(keeping).samples(MemorySegment.ofArray(new byte[] {1})));
  }

  @Test
  void anErrorForTruncatedBytesIsReported() {
    Codec<String> failing =
        Codec.of(
            text -> text.getBytes(UTF_8),
            bytes -> {
              if (bytes.length < 4) {
                throw new StackOverflowError("made by this test");
              }
              return new String(bytes, UTF_8);
            });
    assertBreaks("clean failure", CodecContract.ofValues(failing).samples("four"));
  }

  @Test
  void aValueThatIsNotRefusedIsReported() {
    assertBreaks("not refused", CodecContract.ofValues(Codec.int32()).samples(1).refused(2));
  }

  @Test
  void sharedStateIsReported() {
    MemorySegment shared = MemorySegment.ofArray(new byte[Long.BYTES]);
    AtomicInteger copies = new AtomicInteger();
    Thread test = Thread.currentThread();
    long deadline = System.nanoTime() + 2_000_000_000L;
    Codec<Long> racing =
        new Longs(8, true) {
          @Override
          public Long decode(MemorySegment source) {
            shared.copyFrom(source);
            int mine = copies.incrementAndGet();
            while (Thread.currentThread() != test
                && copies.get() == mine
                && System.nanoTime() < deadline) {
              Thread.yield(); // until another thread copies
            }
            return shared.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
          }
        };
    assertBreaks("threads", CodecContract.ofValues(racing).samples(0L, -1L));
  }

  @Test
  void noSamplesProveNothing() {
    assertThrows(IllegalStateException.class, () -> CodecContract.ofValues(Codec.int64()).verify());
  }

  private static void assertBreaks(String rule, CodecContract<?> contract) {
    String message =
        String.valueOf(assertThrows(AssertionError.class, contract::verify).getMessage());
    assertTrue(message.contains(rule), message);
  }

  private abstract static class Fixed<T> implements Codec<T> {
    @Override
    public String fingerprint() {
      return "test/1";
    }
  }

  /** Longs with a wrong length or with access that needs alignment. */
  private static class Longs extends Fixed<Long> {
    private final int bytes;
    private final ValueLayout.OfLong layout;

    Longs(int bytes, boolean unaligned) {
      this.bytes = bytes;
      this.layout = unaligned ? ValueLayout.JAVA_LONG_UNALIGNED : ValueLayout.JAVA_LONG;
    }

    @Override
    public int encodedBytes(Long value) {
      return bytes;
    }

    @Override
    public void encode(Long value, MemorySegment target) {
      target.set(layout, 0, value);
    }

    @Override
    public Long decode(MemorySegment source) {
      return source.get(layout, 0);
    }
  }
}
