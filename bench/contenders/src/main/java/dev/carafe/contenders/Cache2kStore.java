package dev.carafe.contenders;

import java.util.Arrays;
import org.cache2k.Cache;
import org.cache2k.Cache2kBuilder;

/** cache2k. It rejects arrays as values, so each array has a wrapper object. */
final class Cache2kStore implements Store {
  private final Cache<Long, Held> cache;

  /** A wrapper of an array. */
  private static final class Held {
    final byte[] bytes;

    Held(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  Cache2kStore(Sizing sizing) {
    Cache2kBuilder<Long, Held> builder =
        Cache2kBuilder.of(Long.class, Held.class).eternal(true).disableStatistics(true);
    this.cache =
        sizing.fixed()
            ? builder.entryCapacity(sizing.heapEntries()).build()
            : builder
                .maximumWeight(sizing.memoryBytes())
                .weigher((_, held) -> held.bytes.length + Sizing.HEAP_ENTRY_BYTES)
                .build();
  }

  @Override
  public int get(long key, byte[] into) {
    Held held = cache.peek(key);
    if (held == null) {
      return MISS;
    }
    System.arraycopy(held.bytes, 0, into, 0, held.bytes.length);
    return held.bytes.length;
  }

  @Override
  public int visit(long key) {
    Held held = cache.peek(key);
    return held == null ? MISS : held.bytes.length + (held.bytes[0] & 0);
  }

  @Override
  public void put(long key, byte[] value, int length) {
    cache.put(key, new Held(Arrays.copyOf(value, length)));
  }

  @Override
  public void remove(long key) {
    cache.remove(key);
  }

  @Override
  public long entries() {
    return cache.asMap().size();
  }

  @Override
  public void close() {
    cache.close();
  }
}
