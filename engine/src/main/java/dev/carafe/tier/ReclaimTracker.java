package dev.carafe.tier;

import dev.carafe.log.ReclaimListener;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the records of reclaimed extents under the history lock, and notifies the removal listener
 * after the lock is released.
 *
 * <p>Used by the maintenance thread only.
 */
final class ReclaimTracker implements ReclaimListener {
  private final FileCounters counters;
  private final FileRemovalListener removalListener;
  private final LongSupplier nowNanos;
  private final List<RemovedRecord> removedRecords = new ArrayList<>();

  private record RemovedRecord(
      int cache, byte[] key, int valueBytes, byte @Nullable [] value, boolean expired) {}

  ReclaimTracker(FileCounters counters, FileTierOptions options) {
    this.counters = counters;
    this.removalListener = options.removalListener();
    this.nowNanos = options.nowNanos();
  }

  @Override
  public void onReclaimed() {
    counters.reclaimed.increment();
  }

  @Override
  public void onExpired() {
    counters.expired.increment();
  }

  @Override
  public void onDamaged() {
    counters.damaged.increment();
  }

  @Override
  public void onReinserted() {
    counters.reinserted.increment();
  }

  @Override
  public boolean isExpired(long expiresAtNanos) {
    return expiresAtNanos != Long.MAX_VALUE && expiresAtNanos <= nowNanos.getAsLong();
  }

  @Override
  public boolean needsRecords() {
    return removalListener.needsValues();
  }

  @Override
  public void onRemoved(int cache, MemorySegment extent, long offset, RecordLayout.Header header) {
    byte[] key =
        extent
            .asSlice(offset + RecordLayout.HEADER_BYTES, header.keyBytes())
            .toArray(ValueLayout.JAVA_BYTE);
    byte[] value = removalListener.needsValues() ? valueOf(extent, offset, header) : null;
    removedRecords.add(
        new RemovedRecord(
            cache, key, header.valueBytes(), value, isExpired(header.expiresAtNanos())));
  }

  /** Returns a copy of a record's value; null if it can't be decompressed. */
  static byte @Nullable [] valueOf(MemorySegment memory, long offset, RecordLayout.Header header) {
    MemorySegment stored =
        memory.asSlice(
            offset + RecordLayout.HEADER_BYTES + header.keyBytes(), header.storedBytes());
    if (!header.isCompressed()) {
      return stored.toArray(ValueLayout.JAVA_BYTE);
    }
    byte[] value = new byte[header.valueBytes()];
    return Compressor.decompress(stored, MemorySegment.ofArray(value)) ? value : null;
  }

  /** Notifies the listener once of each removed record, also if it throws. No lock is held. */
  void notifyListener() {
    while (!removedRecords.isEmpty()) {
      RemovedRecord next = removedRecords.removeLast();
      removalListener.onRemoval(next.cache, next.key, next.valueBytes, next.value, next.expired);
    }
  }
}
