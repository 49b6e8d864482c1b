package dev.carafe.log;

/**
 * What {@link RecoveryScan} found: the log as it was at one moment.
 *
 * @param first the log's oldest extent
 * @param last the log's newest extent, less than the oldest if there is none
 * @param newest the newest extent that was written; those after the last are to be wiped
 * @param synced extents up to this one were synced: what does not verify in them is damage
 * @param lastIsPartial whether a crash cut off the newest extent of the log
 * @param salts of the extents, by slot
 * @param sealed the directories that the scan has read
 * @param expectedRecords an estimate of how many records the log has
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
