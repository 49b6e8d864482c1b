package dev.carafe.jcache;

import dev.carafe.Codec;
import dev.carafe.spi.ArrayCodec;
import dev.carafe.spi.KeyBytes;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.UUID;

/** Copies of keys. Keys stay on the heap, and the caller that put a key may change its object. */
record Copies<K>(Codec<K> codec) {
  private static final Set<Class<?>> IMMUTABLE =
      Set.of(
          String.class,
          Boolean.class,
          Character.class,
          Byte.class,
          Short.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          UUID.class);

  K of(K key) {
    if (IMMUTABLE.contains(key.getClass()) || key instanceof Enum<?>) {
      return key;
    }
    return codec.decode(MemorySegment.ofArray(encoded(key)).asReadOnly());
  }

  /** The key as the cache compares it. */
  KeyBytes bytes(K key) {
    return new KeyBytes(encoded(key).clone()); // the encoder may keep the array
  }

  private byte[] encoded(K key) {
    if (codec instanceof ArrayCodec<K> arrays) {
      return arrays.toArray(key);
    }
    byte[] bytes = new byte[codec.encodedBytes(key)];
    codec.encode(key, MemorySegment.ofArray(bytes));
    return bytes;
  }
}
