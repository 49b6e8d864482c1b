package dev.carafe.tier;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * Hashes keys with secrets of the cache, so that an attacker can't choose keys that degrade the
 * index (contract S2). Each key has two hashes:
 *
 * <ul>
 *   <li>The key hash selects the key's lock and its set in {@link RecentReads}. It is computed from
 *       the {@code hashCode} of most keys, in a few multiplications. Strings of equal {@code
 *       hashCode} therefore have equal key hashes. They share a lock and a set.
 *   <li>The index hash selects the bin in the index. It depends on all bytes of the key.
 * </ul>
 *
 * <p>Thread-safe. Mixes as wyhash, and longs as MurmurHash3.
 */
public final class KeyHasher {
  private final long secret;
  private final long multiplier;

  /** Creates a hasher with secrets of its own. */
  public KeyHasher() {
    SecureRandom random = new SecureRandom();
    secret = random.nextLong();
    multiplier = random.nextLong() | 1;
  }

  /**
   * Returns the key hash.
   *
   * @param key the key, whose {@code hashCode} may throw
   * @return 32 bits
   */
  public int keyHash(Object key) {
    if (key instanceof Long number) {
      return finalMix(secret ^ number);
    }
    return fold(
        key instanceof UUID id
            ? mix(mix(secret, id.getMostSignificantBits()), id.getLeastSignificantBits())
            : mix(secret, key.hashCode()));
  }

  /**
   * Returns whether the key hash depends on the whole key. If so, it is the index hash too.
   *
   * @param key the key
   * @return true for {@code Long}, {@code Integer} and {@code UUID}
   */
  public static boolean coversWholeKey(Object key) {
    return key instanceof Long || key instanceof Integer || key instanceof UUID;
  }

  /**
   * Returns the index hash of an encoded key, for keys whose key hash is not the index hash.
   *
   * @param memory the memory that holds the encoded key
   * @param offset the offset of the key in bytes
   * @param bytes the length of the key
   * @return 32 bits
   */
  public int indexHash(MemorySegment memory, long offset, int bytes) {
    long hash = mix(secret, bytes); // mixed in, so that no word of the key cancels the length
    long at = offset;
    long end = offset + bytes;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mix(hash, memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at));
    }
    long rest = 0;
    for (; at < end; at++) {
      rest = rest << Byte.SIZE | Byte.toUnsignedLong(memory.get(ValueLayout.JAVA_BYTE, at));
    }
    return fold(mix(hash, rest));
  }

  private long mix(long hash, long word) {
    long factor = hash ^ word;
    return Math.multiplyHigh(factor, multiplier)
        ^ factor * multiplier; // so that each bit of the hash has an effect
  }

  /** The finalizer of MurmurHash3, after which each bit depends on all bits. */
  private static int finalMix(long word) {
    long first = (word ^ word >>> 33) * 0xFF51AFD7ED558CCDL;
    long second = (first ^ first >>> 33) * 0xC4CEB9FE1A85EC53L;
    return (int) (second ^ second >>> 33);
  }

  private static int fold(long hash) {
    return (int) (hash ^ hash >>> Integer.SIZE);
  }
}
