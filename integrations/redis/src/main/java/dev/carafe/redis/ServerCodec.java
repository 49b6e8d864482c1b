package dev.carafe.redis;

import dev.carafe.Codec;
import io.lettuce.core.codec.RedisCodec;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Codecs of Carafe for Lettuce.
 *
 * @param keys the codec of keys
 * @param values the codec of values
 */
record ServerCodec<K, V>(Codec<K> keys, Codec<V> values) implements RedisCodec<K, V> {
  ServerCodec {
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(values, "values");
  }

  @Override
  public K decodeKey(ByteBuffer bytes) {
    return keys.decode(MemorySegment.ofBuffer(bytes.asReadOnlyBuffer()));
  }

  @Override
  public V decodeValue(ByteBuffer bytes) {
    return values.decode(MemorySegment.ofBuffer(bytes.asReadOnlyBuffer()));
  }

  @Override
  public ByteBuffer encodeKey(K key) {
    return encoded(keys, key);
  }

  @Override
  public ByteBuffer encodeValue(V value) {
    return encoded(values, value);
  }

  private static <T> ByteBuffer encoded(Codec<T> codec, T object) {
    byte[] bytes = new byte[codec.encodedBytes(object)];
    codec.encode(object, MemorySegment.ofArray(bytes));
    return ByteBuffer.wrap(bytes);
  }
}
