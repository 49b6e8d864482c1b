package dev.carafe.jcache;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Codec;
import dev.carafe.UnreadableValueException;
import dev.carafe.spi.ArrayCodec;
import java.lang.foreign.MemorySegment;

/**
 * A value, and how long it is to live from now. Only the value is stored; the rest is for {@link
 * ByHeld}, which hands it to the cache.
 */
record Held<V>(V value, long livesNanos) {
  /** Lives as long as what it replaces. */
  static final long UNCHANGED = -1;

  /** The expiry that was decided where the value was made. */
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

  /** The codec of the value alone; one that encodes to know a length does so once here, too. */
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
