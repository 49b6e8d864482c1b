package dev.carafe.log;

import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;

/** Receives the results of reclamation. Called under the history lock. */
public interface ReclaimListener {
  /** Called when a live record was removed to make room. */
  void onReclaimed();

  /** Called when a live record was removed because it had expired. */
  void onExpired();

  /** Called when a live record was removed because it does not verify. */
  void onDamaged();

  /** Called when a live record was copied to the end of the log. */
  void onReinserted();

  /**
   * Returns whether a record has expired.
   *
   * @param expiresAtNanos the record's expiry time in nanoseconds since the epoch
   * @return true from that time on
   */
  boolean isExpired(long expiresAtNanos);

  /**
   * Returns whether {@link #onRemoved} must be called for each record. If so, an extent is read
   * even if all its records have expired.
   *
   * @return false if the counts are sufficient
   */
  boolean needsRecords();

  /**
   * Called when a live record is removed because it expired, or to make room.
   *
   * @param cache the number of the record's cache
   * @param extent the memory of the extent
   * @param offset the offset of the record in the extent
   * @param header the header of the record
   */
  void onRemoved(int cache, MemorySegment extent, long offset, RecordLayout.Header header);
}
