package dev.carafe.log;

import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;

/** Receives the results of reclamation, under the history lock. */
public interface ReclaimListener {
  /** A live record was removed to make room. */
  void recordReclaimed();

  /** A live record was removed because it had expired. */
  void recordExpired();

  /** A live record was removed because it does not verify. */
  void recordDamaged();

  /** A live record was copied to the end of the log. */
  void recordReinserted();

  /**
   * Whether a record has expired.
   *
   * @param expiresAtNanos of the record
   * @return true from that time on
   */
  boolean isExpired(long expiresAtNanos);

  /**
   * Whether {@link #recordRemoved} needs the records. If so, an extent is read even if all its
   * records have expired.
   *
   * @return false if counts suffice
   */
  boolean wantsRecords();

  /**
   * A live record is removed because it expired or to make room.
   *
   * @param extent the memory of its extent
   * @param offset its offset in the extent
   * @param header its header
   */
  void recordRemoved(MemorySegment extent, long offset, RecordLayout.Header header);
}
