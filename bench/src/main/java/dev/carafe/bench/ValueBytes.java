package dev.carafe.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Incompressible values that depend on key and size only, so that a replay can verify every hit.
 */
final class ValueBytes {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long STEP = 0x9e3779b97f4a7c15L;

  private ValueBytes() {}

  private static long seed(String key, int size) {
    return KeyOnlySizes.splitMix64(KeyOnlySizes.fnv1a64(key) + size * STEP);
  }

  private static long word(long seed, int index) {
    long z = seed + index * STEP;
    z = (z ^ (z >>> 32)) * 0xd6e8feb86659fd93L;
    return z ^ (z >>> 32);
  }

  static byte[] of(String key, int size) {
    byte[] value = new byte[size];
    long seed = seed(key, size);
    int at = 0;
    for (int i = 0; at + Long.BYTES <= size; i++, at += Long.BYTES) {
      LONG.set(value, at, word(seed, i));
    }
    long last = word(seed, at / Long.BYTES);
    for (; at < size; at++, last >>>= Byte.SIZE) {
      value[at] = (byte) last;
    }
    return value;
  }

  static boolean isValid(byte[] value, String key, int size) {
    if (value.length != size) {
      return false;
    }
    long seed = seed(key, size);
    int at = 0;
    for (int i = 0; at + Long.BYTES <= size; i++, at += Long.BYTES) {
      if ((long) LONG.get(value, at) != word(seed, i)) {
        return false;
      }
    }
    long last = word(seed, at / Long.BYTES);
    for (; at < size; at++, last >>>= Byte.SIZE) {
      if (value[at] != (byte) last) {
        return false;
      }
    }
    return true;
  }
}
