package dev.carafe.bench.policy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.function.IntConsumer;

/** Caffeine itself (W-TinyLFU by weight), the policy of the engine's memory tier. */
final class CaffeineMemory implements SimulatedMemory {
  private final Cache<Integer, Integer> cache;
  private final int[] sizes; // 0: not cached
  private IntConsumer evictionListener = key -> {};

  CaffeineMemory(int keyCount, long capacityBytes) {
    sizes = new int[keyCount];
    cache =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(capacityBytes)
            .<Integer, Integer>weigher((key, bytes) -> bytes)
            .evictionListener((key, bytes, cause) -> {
              if (key != null) {
                evictionListener.accept(key);
                sizes[key] = 0;
              }
            })
            .build();
  }

  @Override
  public void onEviction(IntConsumer listener) {
    evictionListener = listener;
  }

  @Override
  public boolean get(int key, int size) {
    if (cache.getIfPresent(key) != null) {
      return true;
    }
    put(key, size);
    return false;
  }

  @Override
  public void put(int key, int size) {
    sizes[key] = Math.max(1, size); // first: the policy may evict it at once
    cache.put(key, sizes[key]);
  }

  @Override
  public void remove(int key) {
    cache.invalidate(key);
    sizes[key] = 0;
  }

  @Override
  public int size(int key) {
    return sizes[key];
  }
}
