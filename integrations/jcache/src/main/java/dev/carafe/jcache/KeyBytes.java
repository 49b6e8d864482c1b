package dev.carafe.jcache;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key by its encoded bytes, which decide whether two keys are equal (contract R7). The
 * application's {@code equals} and {@code hashCode} are not called. The hash depends on secrets, so
 * that keys of one lock can't be chosen (S2).
 */
final class KeyBytes {
  private static final long SECRET;
  private static final long MULTIPLIER;

  static {
    SecureRandom random = new SecureRandom();
    SECRET = random.nextLong();
    MULTIPLIER = random.nextLong() | 1;
  }

  private final byte[] bytes;
  private final int hash;

  /** The array must not change. */
  KeyBytes(byte[] bytes) {
    this.bytes = bytes;
    ByteBuffer words = ByteBuffer.wrap(bytes);
    long mixed = mixed(SECRET, bytes.length);
    while (words.remaining() >= Long.BYTES) {
      mixed = mixed(mixed, words.getLong());
    }
    while (words.hasRemaining()) {
      mixed = mixed(mixed, words.get());
    }
    this.hash = (int) (mixed ^ mixed >>> 32);
  }

  private static long mixed(long before, long word) {
    long factor = before ^ word;
    return (Math.multiplyHigh(factor, MULTIPLIER) ^ factor * MULTIPLIER) + SECRET;
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
