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

  /** Else a power cut could lose a reinserted record and its copy. */
  @Test
  void anExtentIsOverwrittenOnlyAfterItsCopiesAreSynced() {
    fill();
    long copiedTo = table.newestSequence();
    assertTrue(table.beginReclaim());
    table.endReclaim();
    assertFalse(table.canOpen(copiedTo - 1));
    assertTrue(table.canOpen(copiedTo));
  }

  /** After a record is discarded and before the TAIL record, only a tombstone removes its key. */
  @Test
  void aDiscardedRecordNeedsATombstoneUntilItsExtentIsFreed() {
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

  /** After a failed read, an invalidated value must not return at the next opening. */
  @Test
  void aDamagedRecordNeedsATombstoneUntilItsExtentIsFreed() {
    fill();
    long address = RecordAddress.of(GEOMETRY.slotOf(table.oldest() + 1), 4096, 64);
    table.live().add(0, address);
    table.discardRecord(0, address, true);
    assertTrue(table.holdsUnindexedRecords());
    assertTrue(table.beginReclaim());
    table.endReclaim();
    assertTrue(table.holdsUnindexedRecords(), "the record is in the next extent");
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
