package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.TierStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The caches of a store, each with the keys of one writer. As a process, it is the one that a test
 * kills. Arguments: file, journal, io, compression, seed.
 */
final class CrashStore implements CrashTarget {
  private static final int CACHES = 4 * CrashJournal.WRITERS;

  private final CarafeStore store;
  private final AtomicReferenceArray<Carafe<Long, byte[]>> caches =
      new AtomicReferenceArray<>(CACHES);

  private CrashStore(CarafeStore store) {
    this.store = store;
    for (int i = 0; i < CACHES; i++) {
      caches.set(i, open(i));
    }
  }

  static CrashStore open(FileOptions options) {
    return new CrashStore(
        CarafeStore.newBuilder().memory(CrashChild.MEMORY_BYTES).file(options).build());
  }

  private Carafe<Long, byte[]> open(int index) {
    return store.cache("cache " + index, Codec.int64(), Codec.bytes()).build();
  }

  @Override
  public Carafe<Long, byte[]> cache(long key) {
    return caches.get((int) (key % CACHES));
  }

  @Override
  public void flush() {
    store.flush();
  }

  @Override
  public TierStats tierStats() {
    return store.tierStats();
  }

  @Override
  public List<Long> keysOfCache(long key) {
    List<Long> keys = new ArrayList<>();
    for (long each = key % CACHES; each < CrashJournal.KEYS; each += CACHES) {
      keys.add(each);
    }
    return keys;
  }

  @Override
  public void removeCache(long key) {
    int index = (int) (key % CACHES);
    store.drop("cache " + index);
    caches.set(index, open(index));
  }

  @Override
  public void checkInvariants() {
    for (int i = 0; i < CACHES; i++) {
      CrashCheck.checkInvariants(caches.get(i));
    }
  }

  @Override
  public void close() {
    store.close();
  }

  public static void main(String[] args) throws Exception {
    CrashChild.run(args, CrashStore::open);
  }
}
