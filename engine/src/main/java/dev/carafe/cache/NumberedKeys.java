package dev.carafe.cache;

import dev.carafe.log.format.CacheNumber;
import dev.carafe.spi.ArrayCodec;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;

/**
 * The keys of one cache of a store. Each encoded key begins with the number of the cache, so equal
 * keys of different caches differ.
 *
 * @param <K> keys
 */
final class NumberedKeys<K> implements EqualByBytes<K>, ArrayCodec<K> {
  private final int number;
  private final EqualByBytes<K> codec;

  NumberedKeys(int number, EqualByBytes<K> codec) {
    this.number = number;
    this.codec = codec;
  }

  @Override
  public byte[] toArray(K key) {
    byte[] plain = codec instanceof ArrayCodec<K> arrays ? arrays.toArray(key) : null;
    int bytes = plain == null ? codec.encodedBytes(key) : plain.length;
    byte[] encoded = new byte[CacheNumber.PREFIX_BYTES + bytes];
    MemorySegment memory = MemorySegment.ofArray(encoded);
    CacheNumber.write(memory, number);
    if (plain == null) {
      codec.encode(key, memory.asSlice(CacheNumber.PREFIX_BYTES));
    } else {
      System.arraycopy(plain, 0, encoded, CacheNumber.PREFIX_BYTES, bytes);
    }
    return encoded;
  }

  @Override
  public K decode(MemorySegment source) {
    return codec.decode(source.asSlice(CacheNumber.PREFIX_BYTES));
  }

  @Override
  public boolean isEncoding(K key, MemorySegment memory, long offset, int length) {
    return length >= CacheNumber.PREFIX_BYTES
        && CacheNumber.at(memory, offset) == number
        && codec.isEncoding(
            key, memory, offset + CacheNumber.PREFIX_BYTES, length - CacheNumber.PREFIX_BYTES);
  }

  @Override
  public String fingerprint() {
    return codec.fingerprint();
  }
}
