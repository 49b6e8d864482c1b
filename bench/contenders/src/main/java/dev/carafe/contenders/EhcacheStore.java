package dev.carafe.contenders;

import java.nio.ByteBuffer;
import org.ehcache.Cache;
import org.ehcache.CacheManager;
import org.ehcache.PersistentCacheManager;
import org.ehcache.config.ResourcePools;
import org.ehcache.config.builders.CacheConfigurationBuilder;
import org.ehcache.config.builders.CacheManagerBuilder;
import org.ehcache.config.builders.ResourcePoolsBuilder;
import org.ehcache.config.units.EntryUnit;
import org.ehcache.config.units.MemoryUnit;
import org.ehcache.impl.config.store.disk.OffHeapDiskStoreConfiguration;
import org.ehcache.spi.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Ehcache 3: a heap tier, an off-heap tier, or both over a disk tier. */
final class EhcacheStore implements Store {
  private static final String ALIAS = "bench";

  private final CacheManager caches;
  private final Cache<Long, Slice> cache;

  private EhcacheStore(CacheManager caches) {
    this.caches = caches;
    this.cache = caches.getCache(ALIAS, Long.class, Slice.class);
  }

  static Store offHeap(Sizing sizing) {
    ResourcePools pools =
        ResourcePoolsBuilder.newResourcePoolsBuilder()
            .offheap(sizing.memoryMebibytes(), MemoryUnit.MB)
            .build();
    CacheManager caches =
        CacheManagerBuilder.newCacheManagerBuilder()
            .withCache(ALIAS, configuration(pools))
            .build(true);
    return new EhcacheStore(caches);
  }

  /** The disk tier requires a heap tier. It gets 1/50 of the memory. */
  static Store disk(Sizing sizing) {
    long onHeapBytes = sizing.memoryBytes() / 50;
    ResourcePools pools =
        ResourcePoolsBuilder.newResourcePoolsBuilder()
            .heap(Math.max(16, onHeapBytes / sizing.valueBytes()), EntryUnit.ENTRIES)
            .offheap(Math.max(1, sizing.memoryMebibytes() * 49 / 50), MemoryUnit.MB)
            .disk(sizing.fileBytes() >> 20, MemoryUnit.MB, true)
            .build();
    PersistentCacheManager caches =
        CacheManagerBuilder.newCacheManagerBuilder()
            .with(CacheManagerBuilder.persistence(sizing.home().resolve("ehcache").toFile()))
            .withCache(
                ALIAS,
                CacheConfigurationBuilder.newCacheConfigurationBuilder(
                        Long.class, byte[].class, pools)
                    .withService(new OffHeapDiskStoreConfiguration(2)))
            .build(true);
    return new Heap(caches, caches.getCache(ALIAS, Long.class, byte[].class));
  }

  private static CacheConfigurationBuilder<Long, Slice> configuration(ResourcePools pools) {
    return CacheConfigurationBuilder.newCacheConfigurationBuilder(Long.class, Slice.class, pools)
        .withValueSerializer(new Values());
  }

  /** The heap tier stores arrays by reference. This class copies them on put and get. */
  static Store heap(Sizing sizing) {
    CacheManager caches =
        CacheManagerBuilder.newCacheManagerBuilder()
            .withCache(
                ALIAS,
                CacheConfigurationBuilder.newCacheConfigurationBuilder(
                    Long.class,
                    byte[].class,
                    ResourcePoolsBuilder.newResourcePoolsBuilder()
                        .heap(sizing.heapEntries(), EntryUnit.ENTRIES)))
            .build(true);
    return new Heap(caches, caches.getCache(ALIAS, Long.class, byte[].class));
  }

  /** Copies between off-heap buffers and the caller's array. */
  private static final class Values implements Serializer<Slice> {
    @Override
    public ByteBuffer serialize(Slice value) {
      return ByteBuffer.wrap(value.array(), 0, value.length()).slice();
    }

    @Override
    public Slice read(ByteBuffer source) {
      return Slice.read(source, source.remaining());
    }

    @Override
    public boolean equals(Slice value, ByteBuffer source) {
      return ByteBuffer.wrap(value.array(), 0, value.length()).equals(source);
    }
  }

  /** A store with a heap tier. Its values are arrays. */
  private static final class Heap extends ArrayStore {
    private final CacheManager caches;
    private final Cache<Long, byte[]> cache;

    Heap(CacheManager caches, Cache<Long, byte[]> cache) {
      this.caches = caches;
      this.cache = cache;
    }

    @Override
    byte @Nullable [] find(long key) {
      return cache.get(key);
    }

    @Override
    void keep(long key, byte[] value) {
      cache.put(key, value);
    }

    @Override
    public void remove(long key) {
      cache.remove(key);
    }

    @Override
    public long entries() {
      return -1;
    }

    @Override
    public void close() {
      caches.close();
    }
  }

  @Override
  public int get(long key, byte[] into) {
    Slice.readInto(into);
    Slice found = cache.get(key);
    return found == null ? MISS : found.length();
  }

  @Override
  public void put(long key, byte[] value, int length) {
    cache.put(key, Slice.toWrite(value, length));
  }

  @Override
  public void remove(long key) {
    cache.remove(key);
  }

  @Override
  public long entries() {
    return -1;
  }

  @Override
  public void close() {
    caches.close();
  }
}
