package dev.carafe.log;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The states of extents, and when one may be overwritten (D3). */
class ExtentTableTest {
  private static final Geometry GEOMETRY = Geometry.of(512 * 1024);

  private final ExtentTable table = new ExtentTable(GEOMETRY);

  private void fill() {
    while (table.cleanCount() > 0) {
      table.seal(table.open(1), Long.MAX_VALUE);
    }
  }

  /** Else a power cut could lose both copies of what was carried. */
  @Test
  void anExtentIsOverwrittenOnlyWhenWhatLeftItIsSynced() {
    fill();
    long carriedTo = table.newestSequence();
    assertTrue(table.beginReclaim());
    table.endReclaim();
    assertFalse(table.canOpen(carriedTo - 1));
    assertTrue(table.canOpen(carriedTo));
  }

  /** Between a record's being given up and the TAIL record, only a tombstone removes its key. */
  @Test
  void whatWasDroppedIsRememberedUntilTheExtentEnds() {
    fill();
    assertTrue(table.beginReclaim());
    table.markOldestUnindexed();
    table.cancelReclaim();
    assertTrue(table.holdsUnindexedRecords());
    assertTrue(table.beginReclaim());
    table.endReclaim();
    assertFalse(table.holdsUnindexedRecords());
    table.checkInvariants();
  }

  /** A read that failed once must not make an invalidated value come back at the next opening. */
  @Test
  void aForgottenRecordIsRememberedUntilItsExtentEnds() {
    fill();
    long address = RecordAddress.of(GEOMETRY.slotOf(table.oldest() + 1), 4096, 64);
    table.markLive(address);
    table.discardRecord(address, true);
    assertTrue(table.holdsUnindexedRecords());
    assertTrue(table.beginReclaim());
    table.endReclaim();
    assertTrue(table.holdsUnindexedRecords(), "it lies in the next one");
    assertTrue(table.beginReclaim());
    table.endReclaim();
    assertFalse(table.holdsUnindexedRecords());
  }

  @Test
  void theOldestIsReclaimedFirstAndOnlyWhenSealed() {
    table.open(1);
    assertFalse(table.beginReclaim());
    table.seal(1, Long.MAX_VALUE);
    assertTrue(table.beginReclaim());
    table.checkInvariants();
  }
}
