package dev.carafe.log;

import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;

/** Told what was reclaimed, under the history lock. */
public interface ReclaimListener {
  /** A live record was given up. */
  void recordReclaimed();

  /** A live record had expired. */
  void recordExpired();

  /** A record did not verify and was not carried. */
  void recordDamaged();

  /** A record was carried on. */
  void recordReinserted();

  /**
   * Whether a record is worth nothing any more.
   *
   * @param expiresAtNanos of the record
   * @return true from then on
   */
  boolean isExpired(long expiresAtNanos);

  /**
   * Whether {@link #recordRemoved} wants the records, so that an extent has to be read whose
   * records have all expired.
   *
   * @return false if counts are enough
   */
  boolean wantsRecords();

  /**
   * A live record is not carried, since it expired or to make room.
   *
   * @param extent where it is
   * @param offset where in the extent
   * @param header what it says
   */
  void recordRemoved(MemorySegment extent, long offset, RecordLayout.Header header);
}
