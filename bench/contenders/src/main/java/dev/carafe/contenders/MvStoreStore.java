package dev.carafe.contenders;

import java.util.Arrays;
import java.util.Map;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;

/** H2's MVStore over a file. Its page cache on the heap has the size of the memory budget. */
final class MvStoreStore implements Store {
  private final MVStore store;
  private final MVMap<Long, byte[]> map;

  MvStoreStore(Sizing sizing) {
    this.store =
        new MVStore.Builder()
            .fileName(sizing.home().resolve("bench.mvstore").toString())
            .cacheSize((int) sizing.memoryMebibytes())
            .open();
    this.map =
        store.openMap(
            "bench",
            new MVMap.Builder<Long, byte[]>()
                .keyType(LongDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE));
  }

  @Override
  public int get(long key, byte[] into) {
    byte[] value = map.get(key);
    if (value == null) {
      return MISS;
    }
    System.arraycopy(value, 0, into, 0, value.length);
    return value.length;
  }

  @Override
  public void put(long key, byte[] value, int length) {
    map.put(key, Arrays.copyOf(value, length));
  }

  @Override
  public void remove(long key) {
    map.remove(key);
  }

  @Override
  public void flush() {
    store.commit();
    store.sync();
  }

  @Override
  public long entries() {
    return map.sizeAsLong();
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("cache.mebibytes", (long) store.getCacheSizeUsed());
  }

  @Override
  public void close() {
    store.close();
  }
}
