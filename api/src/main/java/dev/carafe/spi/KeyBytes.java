package dev.carafe.spi;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key by its encoded bytes, which decide whether two keys are equal (contract R7), as a key of
 * the maps and locks of the integrations. The application's {@code equals} and {@code hashCode} are
 * not called. The hash depends on secrets, so an attacker can't choose keys of one lock (S2); it
 * differs between processes. Immutable.
 */
public final class KeyBytes implements Comparable<KeyBytes> {
  private static final long FRACTION = 0x9E3779B97F4A7C15L; // of the golden ratio: spreads bits
  private static final long SECRET;
  private static final long MULTIPLIER;

  static {
    SecureRandom random = new SecureRandom();
    SECRET = random.nextLong();
    MULTIPLIER = random.nextLong() | 1;
  }

  private final byte[] bytes;
  private final int hash;

  /**
   * Creates a key.
   *
   * @param bytes of the key; the array must not change
   */
  public KeyBytes(byte[] bytes) {
    this.bytes = bytes;
    this.hash = hash(bytes, SECRET, MULTIPLIER);
  }

  /**
   * Returns the bytes.
   *
   * @return the array itself, which callers do not change
   */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * Hashes bytes. Mixes the low bits, which select a lock.
   *
   * @param bytes of a key
   * @param secret any number
   * @param multiplier an odd number
   * @return the hash
   */
  public static int hash(byte[] bytes, long secret, long multiplier) {
    ByteBuffer words = ByteBuffer.wrap(bytes);
    long hash = mixed(secret, bytes.length, secret, multiplier);
    while (words.remaining() >= Long.BYTES) {
      hash = mixed(hash, words.getLong(), secret, multiplier);
    }
    while (words.hasRemaining()) {
      hash = mixed(hash, words.get(), secret, multiplier);
    }
    return (int) (((hash ^ hash >>> 32) * FRACTION) >>> 32);
  }

  private static long mixed(long hash, long word, long secret, long multiplier) {
    long factor = hash ^ word;
    return (Math.multiplyHigh(factor, multiplier) ^ factor * multiplier) + secret;
  }

  /** By the bytes, so that keys of equal hashes don't slow down a hash map. */
  @Override
  public int compareTo(KeyBytes other) {
    return Arrays.compare(bytes, other.bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyBytes key && hash == key.hash && Arrays.equals(bytes, key.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "key of " + bytes.length + " bytes";
  }
}
