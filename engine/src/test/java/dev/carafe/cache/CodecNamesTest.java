package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileFormatException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Recovery;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file records the codecs of its keys and values (contract D7). */
@Timeout(60)
final class CodecNamesTest {
  @TempDir Path directory;
  private Path file = Path.of("");

  /** A codec of numbers as text, with a fingerprint of the test. */
  private record Named(String fingerprint) implements Codec<Long> {
    @Override
    public int encodedBytes(Long value) {
      return Long.BYTES;
    }

    @Override
    public void encode(Long value, MemorySegment target) {
      Codec.int64().encode(value, target);
    }

    @Override
    public Long decode(MemorySegment source) {
      return Codec.int64().decode(source);
    }
  }

  @BeforeEach
  void name() {
    file = directory.resolve("cache.carafe");
  }

  private <K, V> Carafe<K, V> open(Codec<K> keys, Codec<V> values, Recovery recovery) {
    return Carafe.newBuilder()
        .keyCodec(keys)
        .valueCodec(values)
        .memory(Caches.MIB)
        .file(FileOptions.at(file, Caches.MIB).withRecovery(recovery))
        .build();
  }

  @Test
  void otherCodecIsRejectedOrStartsEmpty() throws IOException {
    try (Carafe<Long, String> cache = open(Codec.int64(), Codec.utf8(), Recovery.STRICT)) {
      cache.put(1L, "one");
    }
    byte[] before = Files.readAllBytes(file);
    FileFormatException values =
        assertThrows(
            FileFormatException.class,
            () -> open(Codec.int64(), Codec.bytes(), Recovery.SKIP_DAMAGED));
    assertEquals(file, values.file());
    assertEquals("a file of the value codec bytes/1", values.expected());
    assertTrue(values.found().contains("utf8/1"), values::found);
    FileFormatException keys =
        assertThrows(
            FileFormatException.class, () -> open(Codec.int32(), Codec.utf8(), Recovery.STRICT));
    assertEquals("a file of the key codec int32/1", keys.expected());
    assertTrue(keys.found().contains("int64/1"), keys::found);
    assertArrayEquals(before, Files.readAllBytes(file), "it is left as it is");
    try (Carafe<Long, byte[]> cache = open(Codec.int64(), Codec.bytes(), Recovery.EMPTY)) {
      assertNull(cache.getIfPresent(1L));
      cache.put(1L, new byte[] {7});
    }
    try (Carafe<Long, byte[]> cache = open(Codec.int64(), Codec.bytes(), Recovery.STRICT)) {
      assertArrayEquals(new byte[] {7}, cache.getIfPresent(1L));
    }
  }

  @Test
  void fingerprintsOfVersionsDiffer() {
    open(new Named("number/1"), Codec.utf8(), Recovery.STRICT).close();
    open(new Named("number/1"), Codec.utf8(), Recovery.STRICT).close();
    assertThrows(
        FileFormatException.class,
        () -> open(new Named("number/2"), Codec.utf8(), Recovery.STRICT));
  }

  @Test
  void fingerprintLengthIsBounded() { // F4
    String longest = "é".repeat(512);
    open(new Named(longest), Codec.utf8(), Recovery.STRICT).close();
    open(new Named(longest), Codec.utf8(), Recovery.STRICT).close();
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> open(new Named(longest + "x"), Codec.utf8(), Recovery.STRICT));
    assertTrue(refused.toString().contains("1025"), refused::toString);
    open(new Named(longest), Codec.utf8(), Recovery.STRICT).close(); // the lock was released
  }

  @Test
  void builtInFingerprintsAreStable() {
    assertEquals("utf8/1", Codec.utf8().fingerprint());
    assertEquals("bytes/1", Codec.bytes().fingerprint());
    assertEquals("bytes/1", Codec.segment().fingerprint());
    assertEquals("int64/1", Codec.int64().fingerprint());
    assertEquals("int32/1", Codec.int32().fingerprint());
    assertEquals("uuid/1", Codec.uuid().fingerprint());
    assertEquals("functions/1", Codec.of((Long value) -> new byte[0], bytes -> 1L).fingerprint());
  }
}
