package dev.carafe.jcache;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Codec;
import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;

/**
 * A value and its lifetime from now. Only the value is stored; {@link ByHeld} passes the lifetime
 * to the cache.
 */
record Held<V>(V value, long livesNanos) {
  /** Keeps the expiry time of the replaced value. */
  static final long UNCHANGED = -1;

  /** The expiry given by the lifetime of each value. */
  static final class ByHeld<K, V> implements Expiry<K, Held<V>> {
    @Override
    public long expireAfterCreate(K key, Held<V> held, long currentTime) {
      return held.livesNanos() == UNCHANGED ? Long.MAX_VALUE : held.livesNanos();
    }

    @Override
    public long expireAfterUpdate(K key, Held<V> held, long currentTime, long currentDuration) {
      return held.livesNanos() == UNCHANGED ? currentDuration : held.livesNanos();
    }

    @Override
    public long expireAfterRead(K key, Held<V> held, long currentTime, long currentDuration) {
      return currentDuration;
    }
  }

  /** Encodes only the value. A codec that must encode to know the length encodes once. */
  static <V> Codec<Held<V>> coded(Codec<V> values) {
    return values instanceof ArrayCodec<V> arrays ? new CodedArrays<>(arrays) : new Coded<>(values);
  }

  private static <V> Held<V> read(V value) {
    if (value == null) {
      throw new UnreadableValueException(
          Object.class, new NullPointerException("the codec's decode returned null"));
    }
    return new Held<>(value, UNCHANGED);
  }

  private record CodedArrays<V>(ArrayCodec<V> values) implements ArrayCodec<Held<V>> {
    @Override
    public String fingerprint() {
      return values.fingerprint();
    }

    @Override
    public byte[] toArray(Held<V> held) {
      return values.toArray(held.value());
    }

    @Override
    public Held<V> decode(MemorySegment source) {
      return read(values.decode(source));
    }
  }

  private record Coded<V>(Codec<V> values) implements Codec<Held<V>> {
    @Override
    public String fingerprint() {
      return values.fingerprint();
    }

    @Override
    public int encodedBytes(Held<V> held) {
      return values.encodedBytes(held.value());
    }

    @Override
    public void encode(Held<V> held, MemorySegment target) {
      values.encode(held.value(), target);
    }

    @Override
    public Held<V> decode(MemorySegment source) {
      return read(values.decode(source));
    }
  }
}
