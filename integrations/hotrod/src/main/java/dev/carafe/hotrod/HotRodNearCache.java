package dev.carafe.hotrod;

import dev.carafe.spi.KeyBytes;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.infinispan.client.hotrod.MetadataValue;
import org.infinispan.client.hotrod.near.NearCache;
import org.jspecify.annotations.Nullable;

/**
 * What the client calls. Before it reads from the server it stores a placeholder, a {@link
 * MetadataValue} without a value, and replaces it by the value that it got, compared by identity.
 *
 * @param <K> keys
 * @param <V> values
 */
final class HotRodNearCache<K, V> implements NearCache<K, V> {
  private final Translation<K> keys;
  private final Translation<V> values;
  private final NearTier tier;

  HotRodNearCache(Translation<K> keys, Translation<V> values, NearTier tier) {
    this.keys = keys;
    this.values = values;
    this.tier = tier;
  }

  private KeyBytes encoded(K key) {
    return new KeyBytes(keys.toBytes(key));
  }

  @Override
  public @Nullable MetadataValue<V> get(K key) {
    return tier.find(encoded(key), source -> NearEntry.valueOf(source, values));
  }

  /**
   * Registers a read of the client.
   *
   * @param value the placeholder; a value is not stored, since it is not known when it was read
   */
  @Override
  public boolean putIfAbsent(K key, MetadataValue<V> value) {
    return isPlaceholder(value) && tier.begin(encoded(key), value);
  }

  /** Ends a read with its value. */
  @Override
  public boolean replace(K key, MetadataValue<V> prevValue, MetadataValue<V> newValue) {
    if (!isPlaceholder(prevValue)) {
      return false;
    }
    KeyBytes encoded = encoded(key);
    byte[] bytes;
    try {
      bytes = values.toBytes(newValue.getValue());
    } catch (RuntimeException | Error e) {
      tier.abandon(encoded, prevValue);
      throw e;
    }
    return tier.finish(encoded, prevValue, newValue, bytes);
  }

  /** Ends a read without a value. */
  @Override
  public boolean remove(K key, MetadataValue<V> value) {
    return isPlaceholder(value) && tier.abandon(encoded(key), value);
  }

  /**
   * Removes a value after an event or a write.
   *
   * @return true: a removal does not read the file, so it is not known whether there was a value
   */
  @Override
  public boolean remove(K key) {
    try {
      tier.invalidate(encoded(key));
      return true;
    } catch (RuntimeException | Error e) {
      tier.endEpoch(); // an event that can't be applied, such as one with a key of another type
      throw e;
    }
  }

  @SuppressWarnings("NullAway") // The client's placeholders have no value.
  private static boolean isPlaceholder(MetadataValue<?> value) {
    return value.getValue() == null;
  }

  /** Called when the connection was lost, and when the cache was cleared or stopped. */
  @Override
  public void clear() {
    tier.endEpoch();
  }

  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, tier.size());
  }

  /** The entries. A value is looked up when it is asked for, and is null if it has gone. */
  @Override
  public Iterator<Map.Entry<K, MetadataValue<V>>> iterator() {
    Iterator<byte[]> encoded = tier.keys();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return encoded.hasNext();
      }

      @Override
      public Map.Entry<K, MetadataValue<V>> next() {
        if (!encoded.hasNext()) {
          throw new NoSuchElementException();
        }
        return new Found(encoded.next());
      }
    };
  }

  /** An entry of the iterator. */
  private final class Found implements Map.Entry<K, MetadataValue<V>> {
    private final byte[] encoded;

    Found(byte[] encoded) {
      this.encoded = encoded;
    }

    @Override
    public K getKey() {
      return keys.fromBytes(MemorySegment.ofArray(encoded));
    }

    @Override
    @SuppressWarnings("NullAway") // null, as Javadoc states; the client asks for keys only
    public MetadataValue<V> getValue() {
      return tier.find(new KeyBytes(encoded), source -> NearEntry.valueOf(source, values));
    }

    @Override
    public MetadataValue<V> setValue(MetadataValue<V> value) {
      throw new UnsupportedOperationException("entries of a near cache are read-only");
    }
  }
}
