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

/** A cache that holds all values, with several ways to read them. */
sealed interface Reads extends AutoCloseable {
  void put(Long key, byte[] value);

  /** Copies a value to the caller's array and returns its first byte. */
  int copy(Long key, Reader into);

  /** Reads a value in place and returns its first byte. */
  int scoped(Long key);

  /** Returns a value as a new array. */
  byte[] decoded(Long key);

  /** Reads values as new arrays and returns their number. */
  int batch(List<Long> keys);

  @Override
  default void close() {}

  /** Creates a cache by name, with room for all entries. */
  static Reads create(String name, long entries, int valueBytes) {
    return switch (name) {
      case "carafe" -> new CarafeReads(entries, valueBytes);
      case "caffeine" -> new CaffeineReads(entries, valueBytes);
      case "chm" -> new MapReads(entries);
      default -> throw new IllegalArgumentException("unknown cache " + name);
    };
  }

  /** The array of one thread, and the function that copies a value into it. */
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
      return 0; // from Integer's box cache
    }
  }

  /** Carafe's memory tier. */
  final class CarafeReads implements Reads {
    private final Carafe<Long, byte[]> cache;

    CarafeReads(long entries, int valueBytes) {
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
    @SuppressWarnings("NullAway") // the cache holds every key
    public int scoped(Long key) {
      return cache.read(key, CarafeReads::first);
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

  /** Caffeine, bounded by the bytes of its values on the heap. */
  final class CaffeineReads implements Reads {
    private final Cache<Long, byte[]> cache;

    CaffeineReads(long entries, int valueBytes) {
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

  /** An unbounded ConcurrentHashMap. */
  final class MapReads implements Reads {
    private final ConcurrentHashMap<Long, byte[]> map;

    MapReads(long entries) {
      map = new ConcurrentHashMap<>((int) entries);
    }

    @Override
    public void put(Long key, byte[] value) {
      map.put(key, value.clone());
    }

    @Override
    public int copy(Long key, Reader into) {
      return CaffeineReads.copied(map.get(key), into);
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
