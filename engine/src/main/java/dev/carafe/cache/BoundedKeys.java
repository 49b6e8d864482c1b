package dev.carafe.cache;

import dev.carafe.Codec;
import dev.carafe.cache.keyed.KeyedCaches;
import dev.carafe.region.ScopedView;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;

/**
 * A key codec of another library. It compares a key with a view of exactly the key's bytes, which
 * is valid during the call. The codecs of Carafe read the memory itself, whose accesses are not
 * checked; a faulty codec could end the JVM that way (contract M4).
 *
 * <p>Proved by {@code ForeignCodecTest}.
 *
 * @param codec the other library's codec
 * @param <K> keys
 */
record BoundedKeys<K>(EqualByBytes<K> codec) implements EqualByBytes<K> {
  private static final Class<?> BUILT_IN = Codec.int64().getClass().getNestHost();

  /** Returns whether a codec is one of Carafe, which reads no byte but its own. */
  static boolean isTrusted(Codec<?> codec) {
    return codec.getClass().getNestHost() == BUILT_IN || KeyedCaches.isKeyCodec(codec);
  }

  /** Returns a codec that reads no byte but its own. */
  static <K> EqualByBytes<K> of(EqualByBytes<K> codec) {
    return isTrusted(codec) ? codec : new BoundedKeys<>(codec);
  }

  @Override
  public int encodedBytes(K key) {
    return codec.encodedBytes(key);
  }

  @Override
  public void encode(K key, MemorySegment target) {
    codec.encode(key, target);
  }

  @Override
  public K decode(MemorySegment source) {
    return codec.decode(source);
  }

  @Override
  public boolean isEncoding(K key, MemorySegment memory, long offset, int length) {
    return ScopedView.<Boolean>read(
        memory, offset, length, view -> codec.isEncoding(key, view, 0, length));
  }

  @Override
  public String fingerprint() {
    return codec.fingerprint();
  }
}
