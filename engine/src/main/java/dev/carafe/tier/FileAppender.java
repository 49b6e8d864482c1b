package dev.carafe.tier;

import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Overload;
import dev.carafe.base.Limits;
import dev.carafe.log.KeptRecords;
import dev.carafe.log.Log;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Changes a file tier: appends a value or a tombstone to the log and updates the index, in one step
 * under the history lock.
 *
 * <p>Proved by {@code SimCrashTest} and {@code SimEngineTest}.
 */
final class FileAppender implements AutoCloseable {
  private static final long OVERLOAD_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Compression compression;
  private final Compressor compressor;
  private final Log log;
  private final ReentrantLock history;
  private final LiveRecords records;
  private final FileCounters counters;
  private final Writeback writeback;
  private final LogMaintenance maintenance;
  private final TombstoneBacklog backlog;
  private final WriteAdmission admission;

  FileAppender(
      Compression compression,
      Compressor compressor,
      LiveRecords records,
      Writeback writeback,
      LogMaintenance maintenance,
      WriteAdmission admission) {
    this.compression = compression;
    this.compressor = compressor;
    this.records = records;
    this.log = records.log();
    this.history = log.history();
    this.counters = records.counters();
    this.writeback = writeback;
    this.maintenance = maintenance;
    this.backlog = maintenance.backlog();
    this.admission = admission;
  }

  /** Appends a value within the budget: {@link FileTier#offer}. */
  StoreResult offer(
      FileKey key, MemorySegment value, long expiresAtNanos, @Nullable Overload overload) {
    return admission.refuses(overload == null)
        ? StoreResult.OVER_BUDGET
        : put(key, value, expiresAtNanos, overload);
  }

  /** Returns what decides which evicted values are worth a write; null if all are. */
  @Nullable EvictionAdmission evictions() {
    return admission.evictions();
  }

  /** Appends a value: {@link FileTier#put}. */
  StoreResult put(
      FileKey key, MemorySegment value, long expiresAtNanos, @Nullable Overload overload) {
    Compressor.Compressed compressed =
        compression == Compression.LZ4 ? compressor.tryCompress(value) : null;
    try {
      MemorySegment stored = compressed == null ? value : compressed.bytes();
      RecordLayout.Header header =
          new RecordLayout.Header(
              RecordLayout.VALUE,
              compressed == null ? 0 : RecordLayout.FLAG_LZ4,
              (int) key.bytes().byteSize(),
              (int) stored.byteSize(),
              (int) value.byteSize(),
              expiresAtNanos);
      return put(header, key, stored, overload);
    } finally {
      if (compressed != null) {
        compressor.release(compressed);
      }
    }
  }

  private StoreResult put(
      RecordLayout.Header header, FileKey key, MemorySegment stored, @Nullable Overload overload) {
    if (key.bytes().byteSize() > Limits.MAX_KEY_BYTES || !fits(header.recordBytes())) {
      counters.refused.tooLarge.increment();
      return StoreResult.TOO_LARGE;
    }
    EvictionAdmission evictions = admission.evictions();
    if (evictions != null) {
      evictions.recordStored(header);
    }
    StoreResult result = tryPut(header, key, stored);
    if (result != null) {
      return result;
    }
    if (overload == null) {
      return maintenance.failure() == null ? StoreResult.OVERLOADED : StoreResult.UNAVAILABLE;
    }
    maintenance.wake(); // only once, since it wakes all other waiters too
    long remainingNanos =
        overload == Overload.WAIT && !maintenance.isMaintenanceThread() ? OVERLOAD_WAIT_NANOS : 0;
    for (; ; ) {
      long seen = log.changes().version();
      result = tryPut(header, key, stored);
      if (result != null) {
        return result;
      }
      if (maintenance.failure() != null) {
        counters.refused.unavailable.increment();
        return StoreResult.UNAVAILABLE;
      }
      if (remainingNanos <= 0) {
        counters.refused.overload.increment();
        return StoreResult.OVERLOADED;
      }
      remainingNanos = log.changes().await(seen, remainingNanos);
    }
  }

  private boolean fits(long recordBytes) {
    return log.writer().fits(recordBytes)
        && (!log.keepsAll() || recordBytes <= KeptRecords.maxRecordBytes(log.file().geometry()));
  }

  /** Returns null if the log has no room at the moment. */
  private @Nullable StoreResult tryPut(
      RecordLayout.Header header, FileKey key, MemorySegment stored) {
    history.lock();
    try {
      if (log.keepsAll()
          && key.hash().cache() != CacheNumber.NAMES
          && !KeptRecords.hasRoom(log, header.recordBytes(), records.find(key.hash()))) {
        counters.refused.full.increment();
        return StoreResult.FULL;
      }
      // allocate before the append: after it nothing may fail
      if (!backlog.append() || !records.ensureRoom(key.hash())) {
        return null;
      }
      long address = log.writer().tryAppend(header, key.hash(), key.bytes(), stored);
      if (address == RecordAddress.NONE) {
        return null;
      }
      records.put(key.hash(), address);
      writeback.schedule();
      return StoreResult.STORED;
    } finally {
      history.unlock();
    }
  }

  /** Removes a key: {@link FileTier#remove}. */
  boolean remove(FileKey key, boolean wait) {
    boolean existed;
    history.lock();
    try {
      existed = records.contains(key.hash());
      if (!existed && !log.table().holdsUnindexedRecords()) {
        return false;
      }
      backlog.add(key); // first: if this throws (heap full), the index is unchanged
      records.remove(key.hash(), counters.removed);
      var _ = backlog.append();
    } finally {
      history.unlock();
    }
    if (wait) {
      maintenance.awaitBacklog();
    }
    return existed;
  }

  /** Removes the record of a key from the index and counts it as expired. Appends no tombstone. */
  void removeExpired(FileKey key) {
    history.lock();
    try {
      records.remove(key.hash(), counters.expired);
    } finally {
      history.unlock();
    }
  }

  /** Removes all keys of a cache: {@link FileTier#clear}. */
  void clear(int cache) {
    history.lock();
    try {
      backlog.clear(cache);
    } finally {
      history.unlock();
    }
    maintenance.awaitBacklog();
  }

  /** Closes the compressor. */
  @Override
  public void close() {
    compressor.close();
  }
}
