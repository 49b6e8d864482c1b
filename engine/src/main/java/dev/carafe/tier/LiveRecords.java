package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.log.Log;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.KeyHash;

/**
 * The live records of the file. The index, the live bytes of each extent and the counters change in
 * one step under the history lock, so that the counters add up (contract B3).
 */
final class LiveRecords {
  private final Log log;
  private final FileIndex index;
  private final FileCounters counters;

  LiveRecords(Log log, FileIndex index, FileCounters counters) {
    this.log = log;
    this.index = index;
    this.counters = counters;
  }

  Log log() {
    return log;
  }

  FileCounters counters() {
    return counters;
  }

  /** Returns the address of a key's record, or {@link RecordAddress#NONE}. */
  long find(KeyHash hash) {
    return index.find(hash);
  }

  /** Returns whether the index has a record of a key. Under the history lock. */
  boolean contains(KeyHash hash) {
    return find(hash) != RecordAddress.NONE;
  }

  /**
   * Makes room for one more key, so that the next put can't fail. Under the history lock.
   *
   * @return false if the limit of the index allows no more records
   */
  boolean ensureRoom(KeyHash hash) {
    return index.ensureRoom(hash);
  }

  /** Replaces the record of a key by an appended one. Under the history lock. */
  void put(KeyHash hash, long address) {
    log.table().live().add(hash.cache(), address);
    long before = index.put(hash, address);
    if (before != RecordAddress.NONE) {
      log.table().live().remove(hash.cache(), before);
      counters.replaced.increment();
    }
    counters.appended.add(RecordAddress.recordBytes(address));
  }

  /** Removes the record of a key, and counts it if there was one. Under the history lock. */
  void remove(KeyHash hash, Counter reason) {
    long before = index.remove(hash);
    if (before != RecordAddress.NONE) {
      log.table().live().remove(hash.cache(), before);
      reason.increment();
    }
  }

  /** Removes all records, and counts them. Under the history lock. */
  void removeAll(Counter reason) {
    reason.add(index.count());
    index.clear();
    log.table().live().clear();
  }

  /** Removes all records of a cache, and counts them. Under the history lock. */
  void removeAll(int cache, Counter reason) {
    if (cache == CacheNumber.ALL) {
      removeAll(reason);
      return;
    }
    reason.add(index.count(cache));
    index.clear(cache);
    log.table().live().clearCache(cache);
  }

  /** Removes a damaged or expired record from the index, unless a newer one replaced it. */
  boolean removeIfCurrent(KeyHash hash, long address, boolean damaged) {
    log.history().lock();
    try {
      if (!RecordAddress.isSameRecord(index.find(hash), address)) {
        return false;
      }
      var _ = index.remove(hash);
      log.table()
          .discardRecord(hash.cache(), address, damaged); // a damaged record may verify later
      (damaged ? counters.damaged : counters.expired).increment();
      return true;
    } finally {
      log.history().unlock();
    }
  }
}
