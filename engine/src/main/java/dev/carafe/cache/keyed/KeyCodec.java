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
 * Makes keys of the application's objects, and is the codec of those keys for the file.
 *
 * @param codec the application's
 * @param <K> the application's keys
 */
record KeyCodec<K>(Codec<K> codec) implements ArrayCodec<Key<K>>, EqualByBytes<Key<K>> {
  Key<K> key(@Nullable K object) {
    return new Key<>(codec, encode(requireNonNull(object, "key")), object);
  }

  private byte[] encode(K object) {
    if (codec instanceof ArrayCodec<K> arrays) {
      return arrays.toArray(object).clone(); // the encoder may keep the array
    }
    int length = codec.encodedBytes(object);
    if (length < 0) {
      throw new IllegalArgumentException(
          "the codec says that the key has " + length + " bytes; it must be 0 or more");
    }
    byte[] bytes = new byte[length];
    codec.encode(object, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @SuppressWarnings({"unchecked", "NullAway"})
  Key<K> keyOf(@Nullable Object object) {
    return key((K) requireNonNull(object, "key"));
  }

  /** One call of the application, and its key. */
  <R extends @Nullable Object> R call(@Nullable Object object, Function<Key<K>, R> step) {
    Key<K> key = keyOf(object);
    try {
      return step.apply(key);
    } finally {
      key.endCall();
    }
  }

  /** The keys of a call with many, in their order, each with its object to show. */
  Set<Key<K>> all(Iterable<? extends K> objects) {
    Set<Key<K>> keys = new LinkedHashSet<>();
    objects.forEach(object -> keys.add(key(object)));
    return keys;
  }

  /** One call of the application with one key, that returns nothing. */
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
   * One call of the application with many keys.
   *
   * @param asked stay as they are
   */
  <R> R callAll(Set<Key<K>> asked, Function<Set<Key<K>>, R> step) {
    Set<Key<K>> keys = new LinkedHashSet<>();
    asked.forEach(key -> keys.add(key.showing(key.object())));
    try {
      return step.apply(keys);
    } finally {
      keys.forEach(Key::endCall);
    }
  }

  /** What a call with many keys found: in the order of the keys, and then what came besides. */
  <V> Map<K, V> found(Set<Key<K>> asked, Map<Key<K>, V> found) {
    Map<Key<K>, V> shown = new LinkedHashMap<>();
    for (Key<K> key : asked) {
      V value = found.get(key);
      if (value != null) {
        shown.put(key, value);
      }
    }
    found.forEach(shown::putIfAbsent);
    return new KeyedMap<>(this, shown, Key::object);
  }

  /** What a bulk loader of the application brought. */
  <V> @Nullable Map<Key<K>, V> brought(@Nullable Map<? extends K, ? extends V> loaded) {
    if (loaded == null) {
      return null; // the cache says that it must not be
    }
    Map<Key<K>, V> keyed = new LinkedHashMap<>();
    loaded.forEach((object, value) -> keyed.put(key(object), value));
    return keyed;
  }

  /** The keys that a bulk loader is asked for. */
  Set<K> objects(Set<? extends Key<K>> keys) {
    return new KeyedSet<>(this, keys, Key::object);
  }

  @Override
  public String fingerprint() {
    return codec.fingerprint();
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
