package dev.carafe.cache.keyed;

import static java.util.Objects.requireNonNull;

import dev.carafe.Codec;
import dev.carafe.spi.ArrayCodec;
import dev.carafe.spi.EqualByBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Wraps the application's keys, and is the codec of the wrapped keys for the file.
 *
 * @param codec the application's codec
 * @param <K> the application's keys
 */
record KeyCodec<K>(Codec<K> codec) implements ArrayCodec<Key<K>>, EqualByBytes<Key<K>> {
  Key<K> key(@Nullable K object) {
    return new Key<>(codec, encode(requireNonNull(object, "key")), object);
  }

  private byte[] encode(K object) {
    if (codec instanceof ArrayCodec<K> arrays) {
      return arrays.toArray(object).clone(); // the codec may keep the array
    }
    int length = codec.encodedBytes(object);
    if (length < 0) {
      throw new IllegalArgumentException(
          "encodedBytes of the key codec returned " + length + " but must return 0 or more");
    }
    byte[] bytes = new byte[length];
    codec.encode(object, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @SuppressWarnings({"unchecked", "NullAway"})
  Key<K> keyOf(@Nullable Object object) {
    return key((K) requireNonNull(object, "key"));
  }

  /** Wraps an object; null if the codec can't cast it, so that no key equals it. */
  @Nullable Key<K> keyOrNull(Object object) {
    try {
      return keyOf(object);
    } catch (ClassCastException e) {
      return null;
    }
  }

  /** As {@link #call}, for an object that may not be a key. The result is {@code absent} then. */
  <R extends @Nullable Object> R callIfKey(
      @Nullable Object object, Function<Key<K>, R> step, R absent) {
    Key<K> key = keyOrNull(requireNonNull(object, "key"));
    if (key == null) {
      return absent;
    }
    try {
      return step.apply(key);
    } finally {
      key.endCall();
    }
  }

  /** Runs a call of the application with one key. */
  <R extends @Nullable Object> R call(@Nullable Object object, Function<Key<K>, R> step) {
    Key<K> key = keyOf(object);
    try {
      return step.apply(key);
    } finally {
      key.endCall();
    }
  }

  /** Wraps the keys of a call with several keys, in their order. */
  Set<Key<K>> all(Iterable<? extends K> objects) {
    Set<Key<K>> keys = new LinkedHashSet<>();
    objects.forEach(object -> keys.add(key(object)));
    return keys;
  }

  /** Runs a call of the application with one key and without a result. */
  void run(@Nullable Object object, Consumer<Key<K>> step) {
    var _ =
        call(
            object,
            key -> {
              step.accept(key);
              return key;
            });
  }

  /**
   * Runs a call of the application with several keys.
   *
   * @param requested the keys, which are not changed
   */
  <R> R callAll(Set<Key<K>> requested, Function<Set<Key<K>>, R> step) {
    Set<Key<K>> keys = new LinkedHashSet<>();
    requested.forEach(key -> keys.add(key.withObject(key.object())));
    try {
      return step.apply(keys);
    } finally {
      keys.forEach(Key::endCall);
    }
  }

  /**
   * Returns the result of a call with several keys, in the order of the keys, followed by other
   * keys.
   */
  <V> Map<K, V> found(Set<Key<K>> requested, Map<Key<K>, V> found) {
    Map<Key<K>, V> ordered = new LinkedHashMap<>();
    for (Key<K> key : requested) {
      V value = found.get(key);
      if (value != null) {
        ordered.put(key, value);
      }
    }
    found.forEach(ordered::putIfAbsent);
    return new KeyedMap<>(this, ordered, Key::object);
  }

  /** Wraps the keys of the result of a bulk loader. */
  <V> @Nullable Map<Key<K>, V> wrapKeys(@Nullable Map<? extends K, ? extends V> loaded) {
    if (loaded == null) {
      return null; // the cache rejects it
    }
    Map<Key<K>, V> keyed = new LinkedHashMap<>();
    loaded.forEach((object, value) -> keyed.put(key(object), value));
    return keyed;
  }

  /** Returns the keys for a bulk loader of the application. */
  Set<K> objects(Set<? extends Key<K>> keys) {
    return new KeyedSet<>(this, keys, Key::object);
  }

  @Override
  public String fingerprint() {
    return codec.fingerprint();
  }

  @Override
  public boolean isEncoding(Key<K> key, MemorySegment memory, long offset, int length) {
    MemorySegment bytes = MemorySegment.ofArray(key.bytes());
    return bytes.byteSize() == length
        && MemorySegment.mismatch(bytes, 0, length, memory, offset, offset + length) < 0;
  }

  @Override
  public byte[] toArray(Key<K> key) {
    return key.bytes();
  }

  @Override
  public Key<K> decode(MemorySegment source) {
    return new Key<>(codec, source.toArray(ValueLayout.JAVA_BYTE), codec.decode(source));
  }
}
