package dev.carafe.log;

/**
 * The result of {@link RecoveryScan}: the extents that make up the log, as it was at one moment.
 *
 * @param first the log's oldest extent
 * @param last the log's newest extent, less than the oldest if there is none
 * @param newest the newest extent that was written; those after {@code last} must be wiped
 * @param synced extents up to this one were synced, so bytes in them that do not verify are damage
 * @param lastIsPartial whether the newest extent of the log was unfinished at a crash
 * @param salts of the extents, by slot
 * @param sealed the directories that the scan has read
 * @param expectedRecords the estimated number of records of the log
 */
record RecoveryPlan(
    long first,
    long last,
    long newest,
    long synced,
    boolean lastIsPartial,
    long[] salts,
    SealedExtents sealed,
    long expectedRecords) {

  /**
   * The extent that the writer continues.
   *
   * @return its sequence, 0 if the newest extent is sealed
   */
  long unfinishedSequence() {
    return lastIsPartial ? last : 0;
  }
}
