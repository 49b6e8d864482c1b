package dev.carafe.bench.core;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A cache that holds all of its values, and three ways to read one. */
sealed interface Reads extends AutoCloseable {
  void put(Long key, byte[] value);

  /** Copies a value to the caller's array; its first byte. */
  int copy(Long key, Reader into);

  /** Looks at a value where it lies; its first byte. */
  int scoped(Long key);

  /** A value of the caller's own, as an array. */
  byte[] decoded(Long key);

  /** Values of the caller's own, as arrays; how many. */
  int batch(List<Long> keys);

  @Override
  default void close() {}

  /** Makes the one of a name, with room for values of so many bytes in all, rounding included. */
  static Reads named(String name, long entries, int valueBytes) {
    return switch (name) {
      case "carafe" -> new OfCarafe(entries, valueBytes);
      case "caffeine" -> new OfCaffeine(entries, valueBytes);
      case "chm" -> new OfMap(entries);
      default -> throw new IllegalArgumentException("there is no cache " + name);
    };
  }

  /** One thread's array, and the one reader that copies to it. */
  final class Reader implements Function<MemorySegment, Integer> {
    final byte[] into;
    private int first;

    Reader(int bytes) {
      into = new byte[bytes];
    }

    @Override
    public Integer apply(MemorySegment value) {
      MemorySegment.copy(value, ValueLayout.JAVA_BYTE, 0, into, 0, into.length);
      first = into[0];
      return 0; // boxed for free
    }
  }

  /** What this is about. */
  final class OfCarafe implements Reads {
    private final Carafe<Long, byte[]> cache;

    OfCarafe(long entries, int valueBytes) {
      long chunkBytes = valueBytes + valueBytes / 8L + 64;
      cache =
          Carafe.newBuilder()
              .keyCodec(Codec.int64())
              .valueCodec(Codec.bytes())
              .memory(entries * chunkBytes * 5 / 4)
              .build();
    }

    private static int first(MemorySegment value) {
      return value.get(ValueLayout.JAVA_BYTE, 0);
    }

    @Override
    public void put(Long key, byte[] value) {
      cache.put(key, value);
    }

    @Override
    public int copy(Long key, Reader into) {
      return cache.read(key, into) == null ? -1 : into.first;
    }

    @Override
    @SuppressWarnings("NullAway") // every key is there
    public int scoped(Long key) {
      return cache.read(key, OfCarafe::first);
    }

    @Override
    @SuppressWarnings("NullAway")
    public byte[] decoded(Long key) {
      return cache.getIfPresent(key);
    }

    @Override
    public int batch(List<Long> keys) {
      return cache.getAllPresent(keys).size();
    }

    @Override
    public void close() {
      cache.close();
    }
  }

  /** Caffeine, bounded by the bytes of its values, which lie on the heap. */
  final class OfCaffeine implements Reads {
    private final Cache<Long, byte[]> cache;

    OfCaffeine(long entries, int valueBytes) {
      cache =
          Caffeine.newBuilder()
              .maximumWeight(entries * valueBytes * 5 / 4)
              .<Long, byte[]>weigher((key, value) -> value.length)
              .build();
    }

    @Override
    public void put(Long key, byte[] value) {
      cache.put(key, value.clone());
    }

    @Override
    public int copy(Long key, Reader into) {
      return copied(cache.getIfPresent(key), into);
    }

    static int copied(byte @Nullable [] value, Reader into) {
      if (value == null) {
        return -1;
      }
      System.arraycopy(value, 0, into.into, 0, value.length);
      return into.into[0];
    }

    @Override
    @SuppressWarnings("NullAway")
    public int scoped(Long key) {
      return cache.getIfPresent(key)[0];
    }

    @Override
    @SuppressWarnings("NullAway")
    public byte[] decoded(Long key) {
      return cache.getIfPresent(key).clone();
    }

    @Override
    public int batch(List<Long> keys) {
      Map<Long, byte[]> found = new LinkedHashMap<>(cache.getAllPresent(keys));
      found.replaceAll((key, value) -> value.clone());
      return found.size();
    }
  }

  /** A map that knows no bound. */
  final class OfMap implements Reads {
    private final ConcurrentHashMap<Long, byte[]> map;

    OfMap(long entries) {
      map = new ConcurrentHashMap<>((int) entries);
    }

    @Override
    public void put(Long key, byte[] value) {
      map.put(key, value.clone());
    }

    @Override
    public int copy(Long key, Reader into) {
      return OfCaffeine.copied(map.get(key), into);
    }

    @Override
    @SuppressWarnings("NullAway")
    public int scoped(Long key) {
      return map.get(key)[0];
    }

    @Override
    @SuppressWarnings("NullAway")
    public byte[] decoded(Long key) {
      return map.get(key).clone();
    }

    @Override
    @SuppressWarnings("NullAway")
    public int batch(List<Long> keys) {
      Map<Long, byte[]> found = new LinkedHashMap<>();
      keys.forEach(key -> found.put(key, map.get(key).clone()));
      return found.size();
    }
  }
}
