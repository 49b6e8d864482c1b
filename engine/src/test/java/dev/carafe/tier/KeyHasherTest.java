package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The index hash depends on all bytes of a key and on secrets (contract S2). */
final class KeyHasherTest {
  private static final int KEYS = 4096;

  private final KeyHasher hasher = new KeyHasher();

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.UTF_8);
  }

  private static int hash(KeyHasher hasher, byte[] key) {
    return hasher.indexHash(MemorySegment.ofArray(key), 0, key.length);
  }

  /** Returns one of 2^12 strings of 24 characters that have the same hashCode. */
  private static String colliding(int number) {
    StringBuilder key = new StringBuilder();
    for (int bit = 0; bit < 12; bit++) {
      key.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return key.toString();
  }

  @Test
  void stringsOfEqualHashCodeHaveDifferentHashes() { // S2
    assertEquals(colliding(0).hashCode(), colliding(KEYS - 1).hashCode());
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < KEYS; i++) {
      seen.add(hash(hasher, bytes(colliding(i))));
    }
    assertTrue(seen.size() > KEYS - 10, seen.size() + " hashes");
  }

  @Test
  void theHashDependsOnEachByteAndTheLength() {
    Set<Integer> seen = new HashSet<>();
    int tried = 0;
    for (int length = 0; length <= 33; length++) {
      for (int at = 0; at <= length; at++) {
        byte[] key = new byte[length];
        if (at < length) {
          key[at] = 1;
        }
        seen.add(hash(hasher, key));
        tried++;
      }
    }
    assertTrue(seen.size() >= tried - 1, seen.size() + " hashes of " + tried + " keys");
  }

  @Test
  void theHashDoesNotDependOnTheOffset() {
    byte[] key = bytes("a key of 21 bytes ...");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(64, 8);
      for (int offset = 0; offset < 16; offset++) {
        MemorySegment.copy(MemorySegment.ofArray(key), 0, memory, offset, key.length);
        assertEquals(hash(hasher, key), hasher.indexHash(memory, offset, key.length));
      }
    }
  }

  @Test
  void theHashesOfTwoCachesDiffer() { // S2
    KeyHasher other = new KeyHasher();
    int equal = 0;
    for (long i = 0; i < KEYS; i++) {
      equal += hasher.keyHash(i) == other.keyHash(i) ? 1 : 0;
    }
    assertTrue(equal < 10, equal + " equal hashes");
    assertNotEquals(hash(hasher, bytes("key")), hash(other, bytes("key")));
  }
}
