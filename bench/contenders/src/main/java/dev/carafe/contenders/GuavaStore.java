package dev.carafe.contenders;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import org.jspecify.annotations.Nullable;

/** Guava's cache with byte array values. */
final class GuavaStore extends ArrayStore {
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
  byte @Nullable [] find(long key) {
    return cache.getIfPresent(key);
  }

  @Override
  void keep(long key, byte[] value) {
    cache.put(key, value);
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
