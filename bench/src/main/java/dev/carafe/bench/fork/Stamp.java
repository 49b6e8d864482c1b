package dev.carafe.bench.fork;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Test values that contain their key, a version and optionally a checksum. The other bytes are
 * random and do not compress.
 */
final class Stamp {
  /** The minimum length: key, version and checksum. */
  static final int MIN_BYTES = 24;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Stamp() {}

  /** Creates an array of random bytes. */
  static byte[] randomValue(int bytes, long seed) {
    byte[] value = new byte[Math.max(MIN_BYTES, bytes)];
    new SplittableRandom(seed).nextBytes(value);
    return value;
  }

  static void put(byte[] value, long key, long version) {
    LONG.set(value, 0, key);
    LONG.set(value, Long.BYTES, version);
  }

  static boolean hasKey(byte[] value, long key) {
    return (long) LONG.get(value, 0) == key;
  }

  static long version(byte[] value) {
    return (long) LONG.get(value, Long.BYTES);
  }

  /** Writes key, version and a checksum over the other bytes. */
  static void writeWithChecksum(byte[] value, int length, long key, long version) {
    put(value, key, version);
    LONG.set(value, 2 * Long.BYTES, checksum(value, length));
  }

  static boolean isValid(byte[] value, int length, long key) {
    return length >= MIN_BYTES
        && hasKey(value, key)
        && (long) LONG.get(value, 2 * Long.BYTES) == checksum(value, length);
  }

  private static long checksum(byte[] value, int length) {
    CRC32C crc = new CRC32C();
    crc.update(value, 0, 2 * Long.BYTES);
    crc.update(value, MIN_BYTES, length - MIN_BYTES);
    return crc.getValue();
  }
}
