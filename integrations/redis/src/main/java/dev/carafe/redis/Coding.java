package dev.carafe.redis;

import dev.carafe.spi.KeyBytes;
import io.lettuce.core.codec.RedisCodec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Keys and values as the server has them.
 *
 * @param codec of keys and values
 * @param keyPrefix comes before each key
 * @param prefixes of the keys whose changes are announced
 */
record Coding<K, V>(RedisCodec<K, V> codec, byte[] keyPrefix, Prefixes prefixes) {
  KeyBytes key(K key) {
    ByteBuffer encoded = codec.encodeKey(Objects.requireNonNull(key, "key"));
    byte[] bytes = Arrays.copyOf(keyPrefix, keyPrefix.length + encoded.remaining());
    encoded.get(bytes, keyPrefix.length, encoded.remaining());
    prefixes.requireMatch(key, bytes);
    return new KeyBytes(bytes);
  }

  byte[] bytes(V value) {
    ByteBuffer encoded = codec.encodeValue(Objects.requireNonNull(value, "value"));
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }

  V value(byte[] bytes) {
    return codec.decodeValue(ByteBuffer.wrap(bytes));
  }
}
