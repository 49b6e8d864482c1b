package dev.carafe.codecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.UnreadableValueException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cache.support.NullValue;
import tools.jackson.databind.json.JsonMapper;

/** Spring's null marker comes back as the same object, and values beside it (contract R7). */
final class NullValueCodecTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "text", "\0", "\1"})
  void theMarkerAndValuesComeBackFromTheFile(String text) {
    for (Codec<String> strings :
        List.of(Codec.utf8(), new JacksonCodec<>(String.class, JsonMapper.builder().build()))) {
      Codec<Object> codec = NullValueCodec.of(strings);
      Path file = directory.resolve(Integer.toHexString(codec.fingerprint().hashCode()));
      try (Carafe<Long, Object> cache = open(file, codec)) {
        cache.put(1L, NullValue.INSTANCE);
        cache.put(2L, text);
        assertSame(NullValue.INSTANCE, cache.getIfPresent(1L));
        assertEquals(text, cache.getIfPresent(2L));
      }
      try (Carafe<Long, Object> cache = open(file, codec)) {
        assertSame(NullValue.INSTANCE, cache.getIfPresent(1L));
        assertEquals(text, cache.getIfPresent(2L));
      }
    }
  }

  @Test
  void otherBytesAreUnreadable() {
    Codec<Object> codec = NullValueCodec.of(Codec.utf8());
    for (byte[] bytes : new byte[][] {{}, {2}, {'a', 0}}) {
      MemorySegment source = MemorySegment.ofArray(bytes);
      assertThrows(UnreadableValueException.class, () -> codec.decode(source));
    }
  }

  @Test
  void theFingerprintNamesBothCodecs() {
    assertNotEquals(Codec.utf8().fingerprint(), NullValueCodec.of(Codec.utf8()).fingerprint());
    assertNotEquals(
        NullValueCodec.of(Codec.int64()).fingerprint(),
        NullValueCodec.of(Codec.utf8()).fingerprint());
  }

  private static Carafe<Long, Object> open(Path file, Codec<Object> codec) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .<Object>valueCodec(codec)
        .memory(1 << 20)
        .file(file, 1 << 20)
        .build();
  }
}
