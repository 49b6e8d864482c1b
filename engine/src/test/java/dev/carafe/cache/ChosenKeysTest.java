package dev.carafe.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys that an attacker chose for equal hashes are all kept (contract S2). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ChosenKeysTest {
  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final int PAIRS = 10;

  @TempDir Path directory;

  private <K> CarafeBuilder<K, String> builder(Codec<K> codec) {
    return Carafe.newBuilder()
        .<K>keyCodec(codec)
        .valueCodec(Codec.utf8())
        .memory(1 << 20)
        .file(FileOptions.at(directory.resolve("chosen.carafe"), 8 << 20));
  }

  /** Returns the inverse of an odd number modulo 2^64. */
  private static long inverse(long odd) {
    long inverse = odd;
    for (int i = 0; i < 6; i++) {
      inverse *= 2 - odd * inverse;
    }
    return inverse;
  }

  /**
   * Returns the bytes with some pairs of stripes changed. Each change keeps the XXH64 hash for half
   * of all seeds, so many of these keys collide in a file that uses XXH64.
   */
  private static byte[] changed(byte[] base, int pairs) {
    ByteBuffer key = ByteBuffer.wrap(base.clone()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < PAIRS; i++) {
      if ((pairs >>> i & 1) != 0) {
        int at = i * 64;
        key.putLong(at, key.getLong(at) + (1L << 63) * inverse(P2));
        key.putLong(at + 32, key.getLong(at + 32) - (P1 << 30) * inverse(P2));
      }
    }
    return key.array();
  }

  @Test
  void keysThatCollideUnderXxh64AreKept() { // S2, R7, D2
    byte[] base = new byte[PAIRS * 64];
    new SplittableRandom(7).nextBytes(base);
    List<byte[]> keys = new ArrayList<>();
    for (int pairs = 0; pairs < 1 << PAIRS; pairs++) {
      keys.add(changed(base, pairs));
    }
    allAreKept(Codec.bytes(), keys);
  }

  /** An attacker can create any number of strings of equal hashCode. */
  @Test
  void stringsOfEqualHashCodeAreKept() { // S2
    List<String> keys = new ArrayList<>();
    for (int bits = 0; bits < 1 << 11; bits++) {
      StringBuilder key = new StringBuilder();
      for (int bit = 0; bit < 11; bit++) {
        key.append((bits >>> bit & 1) == 0 ? "Aa" : "BB");
      }
      assertEquals("AaAaAaAaAaAaAaAaAaAaAa".hashCode(), key.toString().hashCode());
      keys.add(key.toString());
    }
    allAreKept(Codec.utf8(), keys);
  }

  /**
   * Writes, reads, removes and reinserts such keys, and finds them after a restart and after a
   * crash.
   */
  @Test
  void keysOfEqualHashAreDistinct() throws Exception { // R7, D1, D3
    ProcessBuilder child = ChildJvm.of(EqualHashesChild.class, directory.toString());
    child.command().add(1, "-Dcarafe.test.keyHashBits=0");
    Process process = child.start();
    String notifications = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), notifications);
    assertTrue(notifications.contains("all are there"), notifications);
  }

  private <K> void allAreKept(Codec<K> codec, List<K> keys) {
    try (Carafe<K, String> cache = builder(codec).build()) {
      for (int i = 0; i < keys.size(); i++) {
        cache.put(keys.get(i), "value " + i);
      }
      cache.flush();
      assertEquals(keys.size(), cache.tierStats().file().records());
      assertEquals(0, cache.tierStats().file().replaced());
      assertAll(cache, keys);
    }
    try (Carafe<K, String> cache = builder(codec).build()) {
      assertAll(cache, keys);
      cache.invalidate(keys.getFirst());
      assertEquals(keys.size() - 1, cache.estimatedSize());
    }
  }

  private static <K> void assertAll(Carafe<K, String> cache, List<K> keys) {
    for (int i = 0; i < keys.size(); i++) {
      assertEquals("value " + i, cache.getIfPresent(keys.get(i)), "key " + i);
    }
  }
}
