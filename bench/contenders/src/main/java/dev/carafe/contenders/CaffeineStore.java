package dev.carafe.contenders;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/** Caffeine with byte array values. */
final class CaffeineStore extends ArrayStore {
  private final Cache<Long, byte[]> cache;

  CaffeineStore(Sizing sizing) {
    Caffeine<Object, Object> builder = Caffeine.newBuilder();
    this.cache =
        sizing.fixed()
            ? builder.maximumSize(sizing.heapEntries()).build()
            : builder
                .executor(
                    Runnable
                        ::run) // maintenance on another thread falls behind: up to 1.8 times the
                // limit
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
    return cache.estimatedSize();
  }

  @Override
  public void close() {
    cache.invalidateAll();
  }
}
