package dev.carafe.contenders;

import java.nio.ByteBuffer;
import org.caffinitas.ohc.CacheSerializer;
import org.caffinitas.ohc.Eviction;
import org.caffinitas.ohc.OHCache;
import org.caffinitas.ohc.OHCacheBuilder;

/** OHC: linked, with one native allocation per entry, or chunked, with entries of fixed size. */
final class OhcStore implements Store {
  private final OHCache<Long, Slice> cache;

  private OhcStore(OHCacheBuilder<Long, Slice> builder, Sizing sizing) {
    this.cache =
        builder
            .keySerializer(new Keys())
            .valueSerializer(new Values())
            .capacity(sizing.memoryBytes())
            .segmentCount(16)
            .throwOOME(true)
            .build();
  }

  static Store linked(Sizing sizing, Eviction eviction) {
    return new OhcStore(
        OHCacheBuilder.<Long, Slice>newBuilder()
            .eviction(eviction)
            .hashTableSize((int) Math.min(1 << 24, tableSize(sizing) / 16)),
        sizing);
  }

  static Store chunked(Sizing sizing) {
    OHCacheBuilder<Long, Slice> builder = OHCacheBuilder.newBuilder();
    int entry = sizing.valueBytes() + Integer.BYTES;
    return new OhcStore(
        builder
            .chunkSize(Math.max(256 * 1024, 16 * entry))
            .fixedEntrySize(Long.BYTES, entry)
            .hashTableSize((int) Math.min(1 << 24, tableSize(sizing) / 16)),
        sizing);
  }

  private static long tableSize(Sizing sizing) {
    long entries = Math.min(sizing.entries(), sizing.memoryBytes() / (sizing.valueBytes() + 64));
    return Math.max(1024, Long.highestOneBit(entries * 2));
  }

  private static final class Keys implements CacheSerializer<Long> {
    @Override
    public void serialize(Long key, ByteBuffer target) {
      target.putLong(key);
    }

    @Override
    public Long deserialize(ByteBuffer source) {
      return source.getLong();
    }

    @Override
    public int serializedSize(Long key) {
      return Long.BYTES;
    }
  }

  private static final class Values implements CacheSerializer<Slice> {
    @Override
    public void serialize(Slice value, ByteBuffer target) {
      target.putInt(value.length());
      target.put(value.array(), 0, value.length());
    }

    @Override
    public Slice deserialize(ByteBuffer source) {
      return Slice.read(source, source.getInt());
    }

    @Override
    public int serializedSize(Slice value) {
      return Integer.BYTES + value.length();
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
    return cache.size();
  }

  @Override
  public void close() {
    try {
      cache.close();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
