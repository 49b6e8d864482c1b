package dev.carafe.log;

import dev.carafe.base.Invariants;
import dev.carafe.log.format.CacheNumber;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The live bytes of each extent: those of its records in the index, and of their directory entries.
 * Guarded by the history lock.
 */
public final class LiveBytes {
  private Geometry geometry;
  private long[] bytes;
  private final Map<Integer, long[]> byCache = new HashMap<>(); // in a file of many caches
  private long total;

  LiveBytes(Geometry geometry) {
    this.geometry = geometry;
    this.bytes = new long[geometry.slotCount()];
  }

  /** Adopts a geometry with other slots. */
  void adopt(Geometry changed) {
    geometry = changed;
    int slots = Math.max(bytes.length, changed.slotCount());
    bytes = Arrays.copyOf(bytes, slots);
    byCache.replaceAll((cache, ofCache) -> Arrays.copyOf(ofCache, slots));
  }

  /**
   * Counts a record as live.
   *
   * @param cache the number of its cache
   * @param address of the record
   */
  public void add(int cache, long address) {
    count(cache, RecordAddress.slot(address), RecordAddress.occupiedBytes(address));
  }

  private void count(int cache, int slot, long change) {
    if (cache != CacheNumber.ALL) {
      byCache.computeIfAbsent(cache, _ -> new long[bytes.length])[slot] += change;
    }
    bytes[slot] += change;
    total += change;
  }

  /**
   * Counts a record as no longer live.
   *
   * @param cache the number of its cache
   * @param address of the record
   */
  public void remove(int cache, long address) {
    count(cache, RecordAddress.slot(address), -RecordAddress.occupiedBytes(address));
  }

  /** Counts all records as no longer live. */
  public void clear() {
    Arrays.fill(bytes, 0);
    byCache.clear();
    total = 0;
  }

  /**
   * Counts all records of a cache as no longer live.
   *
   * @param cache the number of the cache
   */
  public void clearCache(int cache) {
    long[] ofCache = byCache.remove(cache);
    for (int slot = 0; ofCache != null && slot < bytes.length; slot++) {
      bytes[slot] -= ofCache[slot];
      total -= ofCache[slot];
    }
  }

  /** Counts the records of an extent slot as no longer live. */
  void clear(int slot) {
    total -= bytes[slot];
    bytes[slot] = 0;
    for (long[] ofCache : byCache.values()) {
      ofCache[slot] = 0;
    }
  }

  long of(long sequence) {
    return bytes[geometry.slotOf(sequence)];
  }

  /**
   * The live bytes of a cache in a file of many.
   *
   * @param cache the number of the cache
   * @return the sum over all extents
   */
  public long ofCache(int cache) {
    long[] ofCache = byCache.get(cache);
    return ofCache == null ? 0 : Arrays.stream(ofCache).sum();
  }

  /**
   * The live bytes of all extents.
   *
   * @return their sum
   */
  public long total() {
    return total;
  }

  /** Compares the counts with the records of the index. */
  void checkInvariants(RecordIndex index) {
    LiveBytes live = new LiveBytes(geometry);
    live.bytes = new long[bytes.length];
    index.forEach((hash, address) -> live.add(hash.cache(), address));
    long[] found = live.bytes;
    Invariants.check(
        Arrays.equals(found, bytes),
        "LiveBytes: the index has "
            + Arrays.toString(found)
            + ", counted "
            + Arrays.toString(bytes));
    byCache
        .keySet()
        .forEach(cache ->
            Invariants.check(
                ofCache(cache) == live.ofCache(cache),
                "LiveBytes: cache "
                    + cache
                    + " has "
                    + live.ofCache(cache)
                    + ", counted "
                    + ofCache(cache)));
  }

  /** Checks that no count is negative, and that the total is the sum of the counts. */
  void checkSum() {
    long sum = 0;
    for (int slot = 0; slot < bytes.length; slot++) {
      Invariants.check(bytes[slot] >= 0, "LiveBytes: negative at extent slot " + slot);
      sum += bytes[slot];
    }
    Invariants.check(
        sum == total,
        "LiveBytes: the sum " + sum + " of all extents differs from the total " + total);
  }
}
