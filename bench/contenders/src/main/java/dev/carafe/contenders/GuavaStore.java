package dev.carafe.contenders;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.util.Arrays;

/** Guava's cache with arrays for values. */
final class GuavaStore implements Store {
  private final Cache<Long, byte[]> cache;

  GuavaStore(Sizing sizing) {
    CacheBuilder<Object, Object> builder = CacheBuilder.newBuilder().concurrencyLevel(8);
    this.cache =
        sizing.fixed()
            ? builder.maximumSize(sizing.heapEntries()).build()
            : builder
                .maximumWeight(sizing.memoryBytes())
                .weigher((Long _, byte[] value) -> value.length + Sizing.HEAP_ENTRY_BYTES)
                .build();
  }

  @Override
  public int get(long key, byte[] into) {
    byte[] value = cache.getIfPresent(key);
    if (value == null) {
      return MISS;
    }
    System.arraycopy(value, 0, into, 0, value.length);
    return value.length;
  }

  @Override
  public int visit(long key) {
    byte[] value = cache.getIfPresent(key);
    return value == null ? MISS : value.length + (value[0] & 0);
  }

  @Override
  public void put(long key, byte[] value, int length) {
    cache.put(key, Arrays.copyOf(value, length));
  }

  @Override
  public void remove(long key) {
    cache.invalidate(key);
  }

  @Override
  public long entries() {
    return cache.size();
  }

  @Override
  public void close() {
    cache.invalidateAll();
  }
}
