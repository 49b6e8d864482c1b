package dev.carafe.cache;

import dev.carafe.Carafe;
import dev.carafe.TierStats;
import java.util.List;

/** What {@link CrashLoad} writes to: one cache, or the caches of a store. */
interface CrashTarget extends AutoCloseable {
  /** Returns the cache of a key. */
  Carafe<Long, byte[]> cache(long key);

  void flush();

  TierStats tierStats();

  /** Returns the keys that {@link #removeCache} removes. One writer has them all. */
  default List<Long> keysOfCache(long key) {
    return List.of();
  }

  /** Removes all keys of a key's cache, durably. */
  default void removeCache(long key) {
    throw new UnsupportedOperationException("the cache has keys of other writers");
  }

  /** Checks the invariants. No operation is under way. */
  void checkInvariants();

  @Override
  void close();

  /** A cache by itself. */
  static CrashTarget of(Carafe<Long, byte[]> cache) {
    return new CrashTarget() {
      @Override
      public Carafe<Long, byte[]> cache(long key) {
        return cache;
      }

      @Override
      public void flush() {
        cache.flush();
      }

      @Override
      public TierStats tierStats() {
        return cache.tierStats();
      }

      @Override
      public void checkInvariants() {
        CrashCheck.checkInvariants(cache);
      }

      @Override
      public void close() {
        cache.close();
      }
    };
  }
}
