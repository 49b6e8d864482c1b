package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.carafe.Codec;
import dev.carafe.base.ErrorLog;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A key matches the bytes in a chunk if and only if they are its encoding (R7). */
final class KeyMatchTest {
  private static final int OFFSET = 3; // keys have no alignment

  private final MemorySegment memory = Arena.ofAuto().allocate(1024);

  @SuppressWarnings("unchecked")
  private <K> void check(Codec<K> codec, List<K> keys) {
    EqualByBytes<K> keyCodec = assertInstanceOf(EqualByBytes.class, codec);
    KeyEncoder<K> encoder = new KeyEncoder<>(keyCodec, null, new ErrorLog());
    for (K stored : keys) {
      byte[] bytes = encoder.encode(stored);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, OFFSET, bytes.length);
      for (K key : keys) {
        assertEquals(
            key.equals(stored),
            keyCodec.isEncoding(key, memory, OFFSET, bytes.length),
            () -> key + " and the bytes of " + stored);
      }
    }
  }

  @Test
  void longs() {
    check(Codec.int64(), List.of(0L, 1L, -1L, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE));
  }

  @Test
  void ints() {
    check(Codec.int32(), List.of(0, 1, -1, 1 << 16, Integer.MIN_VALUE, Integer.MAX_VALUE));
  }

  @Test
  void uuids() {
    check(
        Codec.uuid(),
        List.of(new UUID(0, 0), new UUID(0, 1), new UUID(1, 0), new UUID(-1, 1), new UUID(1, -1)));
  }

  @Test
  void strings() {
    check(
        Codec.utf8(),
        List.of(
            "",
            "a",
            "b",
            "A",
            "ab",
            "seven77",
            "eight888",
            "eight889",
            "eight888 and more",
            "eight888 and morE",
            "\u00e9",
            "e\u0301",
            "\u00c3\u00a9",
            "\u20ac",
            "na\u00efve",
            "na\u00efve!",
            "\ud83d\ude00",
            "\u0080",
            "\u007f",
            "0123456\u00e9",
            "\u0101"));
  }
}
