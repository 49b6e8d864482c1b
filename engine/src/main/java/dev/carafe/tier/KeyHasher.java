package dev.carafe.tier;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.UUID;

/**
 * Hashes keys with secrets of the cache, so that an attacker can't choose keys that collide
 * (contract S2). Each key has two hashes:
 *
 * <ul>
 *   <li>The key hash selects the key's lock and its bucket in the table of recent reads. It costs a
 *       few multiplications and reads no string, so strings of equal {@code hashCode} have equal
 *       key hashes. They share a lock and a bucket, and their reads use the index.
 *   <li>The index hash selects the bin in the index. It depends on all bytes of the key.
 * </ul>
 *
 * <p>Thread-safe. The mixing steps are those of wyhash and, for longs, of MurmurHash3.
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
      return finished(secret ^ number);
    }
    return folded(
        key instanceof UUID id
            ? mixed(mixed(secret, id.getMostSignificantBits()), id.getLeastSignificantBits())
            : mixed(secret, key.hashCode()));
  }

  /**
   * Returns whether the key hash is the index hash, since it depends on the whole key.
   *
   * @param key the key
   * @return true for numbers and UUIDs
   */
  public static boolean hashesWhole(Object key) {
    return key instanceof Long || key instanceof Integer || key instanceof UUID;
  }

  /**
   * Returns the index hash of a key that {@link #hashesWhole} excludes.
   *
   * @param memory holds the encoded key
   * @param offset of the key in the memory
   * @param bytes the length of the key
   * @return 32 bits
   */
  public int indexHash(MemorySegment memory, long offset, int bytes) {
    long hash = mixed(secret, bytes); // mixed, so that no word of the key cancels the length
    long at = offset;
    long end = offset + bytes;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mixed(hash, memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at));
    }
    long rest = 0;
    for (; at < end; at++) {
      rest = rest << Byte.SIZE | Byte.toUnsignedLong(memory.get(ValueLayout.JAVA_BYTE, at));
    }
    return folded(mixed(hash, rest));
  }

  private long mixed(long hash, long word) {
    long factor = hash ^ word;
    return Math.multiplyHigh(factor, multiplier)
        ^ factor * multiplier; // so that each bit of the hash has an effect
  }

  /** The last steps of MurmurHash3, after which each bit depends on all bits. */
  private static int finished(long word) {
    long first = (word ^ word >>> 33) * 0xFF51AFD7ED558CCDL;
    long second = (first ^ first >>> 33) * 0xC4CEB9FE1A85EC53L;
    return (int) (second ^ second >>> 33);
  }

  private static int folded(long hash) {
    return (int) (hash ^ hash >>> Integer.SIZE);
  }
}
