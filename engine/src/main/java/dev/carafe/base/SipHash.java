package dev.carafe.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * SipHash-1-3, a keyed hash: an attacker who does not know the 128-bit secret can't choose inputs
 * that collide (contract S2). An instance has one secret. Thread-safe.
 */
public final class SipHash {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int FINAL_ROUNDS = 3;
  private static final long NARROW_END = 0xFF;
  private static final long WIDE = 0xEE;
  private static final long WIDE_SECOND = 0xDD;

  private final long start0;
  private final long start1;
  private final long start2;
  private final long start3;

  /**
   * Creates a hash with a given secret.
   *
   * @param secret0 the secret's bytes 0 to 7, little-endian
   * @param secret1 the secret's bytes 8 to 15, little-endian
   */
  public SipHash(long secret0, long secret1) {
    start0 = secret0 ^ 0x736F6D6570736575L;
    start1 = secret1 ^ 0x646F72616E646F6DL;
    start2 = secret0 ^ 0x6C7967656E657261L;
    start3 = secret1 ^ 0x7465646279746573L;
  }

  /**
   * Creates a hash with a random secret.
   *
   * @return a hash whose values differ from those of other instances
   */
  public static SipHash random() {
    SecureRandom random = new SecureRandom();
    return new SipHash(random.nextLong(), random.nextLong());
  }

  /**
   * Computes the 64-bit hash.
   *
   * @param bytes the input
   * @return SipHash-1-3 of 8 bytes
   */
  public long hash64(byte[] bytes) {
    return hash(bytes, 0, NARROW_END, null);
  }

  /**
   * Computes the 128-bit hash.
   *
   * @param bytes the input
   * @param second receives the second word at index 0
   * @return the first word, which differs from the 64-bit hash
   */
  public long hash128(byte[] bytes, long[] second) {
    return hash(bytes, WIDE, WIDE, second);
  }

  private long hash(byte[] bytes, long start, long end, long @Nullable [] second) {
    long v0 = start0;
    long v1 = start1 ^ start;
    long v2 = start2;
    long v3 = start3;
    int whole = bytes.length & -Long.BYTES;
    for (int at = 0; at <= whole; at += Long.BYTES) {
      long word = at < whole ? (long) LONGS.get(bytes, at) : lastWord(bytes, whole);
      v3 ^= word;
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= word;
    }
    v2 ^= end;
    long first = 0;
    for (int round = 0; round < 2 * FINAL_ROUNDS; round++) {
      if (round == FINAL_ROUNDS) {
        first = v0 ^ v1 ^ v2 ^ v3;
        if (second == null) {
          return first;
        }
        v1 ^= WIDE_SECOND;
      }
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
    }
    if (second != null) {
      second[0] = v0 ^ v1 ^ v2 ^ v3;
    }
    return first;
  }

  /** The bytes after the last whole word, with the input's length in the highest byte. */
  private static long lastWord(byte[] bytes, int whole) {
    long word = (long) bytes.length << (Long.SIZE - Byte.SIZE);
    for (int at = whole; at < bytes.length; at++) {
      word |= (bytes[at] & 0xFFL) << ((at - whole) * Byte.SIZE);
    }
    return word;
  }
}
