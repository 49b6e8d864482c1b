package dev.carafe.log;

import java.lang.foreign.MemorySegment;

/**
 * Finds the log of a file that a cache may be writing to. It reads the header of each extent at
 * another moment, and may therefore miss an extent that was opened in between. It then scans again.
 *
 * <p>Without a gap in the sequences, the plan is one that recovery could have made: the slot of an
 * extent is overwritten only after a TAIL record that excludes the extent is synced, and the extent
 * with that record has a lower sequence than the one that overwrites the slot.
 */
final class LiveScan {
  private static final int MAX_ATTEMPTS = 10;

  private LiveScan() {}

  /**
   * Scans the file.
   *
   * @param file open for inspection, so that writes are discarded
   * @param truncated the length of the file
   * @param extent memory for one extent, overwritten
   * @return the log; with gaps if headers are damaged
   */
  static RecoveryPlan run(LogFile file, TruncatedFile truncated, MemorySegment extent) {
    ExtentHeaders before = null;
    for (int attempt = 1; ; attempt++) {
      ExtentHeaders headers = ExtentHeaders.read(file, truncated, extent);
      if (truncated.isTruncated()) {
        truncated.repair(headers, extent);
      }
      RecoveryPlan plan = new RecoveryScan(file, headers, extent).run();
      if (attempt == MAX_ATTEMPTS
          || headers.areComplete(file.geometry(), plan.first(), plan.newest())
          || headers.areSame(before)) {
        return plan;
      }
      before = headers;
    }
  }
}
