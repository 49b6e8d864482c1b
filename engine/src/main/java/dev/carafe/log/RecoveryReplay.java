package dev.carafe.log;

import dev.carafe.DamagedFileException;
import dev.carafe.FileOptions;
import dev.carafe.base.Bits;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHashes;
import dev.carafe.log.format.RecordLayout;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * Acts on a {@link RecoveryPlan}: wipes the extents after the log's end, repairs damaged extents,
 * and applies the records to the index.
 *
 * <p>A directory lists all records of its extent, so a damaged record is detected when it is read.
 * If the directory is damaged too, the missing records may have overwritten or removed older ones.
 * All older records are then dropped, since a stale value must not be returned (R1, R2).
 */
final class RecoveryReplay {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final LogFile file;
  private final Geometry geometry;
  private final FileOptions.Recovery mode;
  private final TruncatedFile truncated;
  private final MemorySegment extent;
  private final RecoveryPlan plan;
  private final ExtentScanner scanner = new ExtentScanner();
  private final KeyHashes entries = new KeyHashes(1024);
  private final KeyHashes pendingChanges = new KeyHashes(1024);
  private final long[] latestExpiryNanos;
  private boolean hasPut;
  private long damagedCount;

  /**
   * Prepares a replay.
   *
   * @param file to be recovered
   * @param mode what happens on damage
   * @param truncated the length of the file as it was found
   * @param extent memory for one extent, overwritten
   * @param plan the result of the scan
   */
  RecoveryReplay(
      LogFile file,
      FileOptions.Recovery mode,
      TruncatedFile truncated,
      MemorySegment extent,
      RecoveryPlan plan) {
    this.file = file;
    this.geometry = file.geometry();
    this.mode = mode;
    this.truncated = truncated;
    this.extent = extent;
    this.plan = plan;
    this.latestExpiryNanos = new long[geometry.slotCount()];
  }

  /**
   * Replays the log.
   *
   * @param table receives the extents of the log
   * @param index receives the records
   * @return the number of damaged extents
   * @throws DamagedFileException if there is damage and the mode is STRICT
   * @throws dev.carafe.DeviceException if the file can't be read or written
   */
  long run(ExtentTable table, RecordIndex index) {
    if (plan.newest() >= file.firstSequence()) { // else the log is empty
      file.wipeOrThrow(plan.last() + 1, plan.newest(), extent); // no later recovery finds them
      index.reserve(plan.expectedRecords());
      for (long sequence = plan.first(); sequence <= plan.last(); sequence++) {
        replay(sequence, table.clock(), index);
      }
      putPending(index);
      file.syncOrThrow();
    }
    boolean isUnfinished = plan.unfinishedSequence() > 0;
    table.restore(plan.first(), plan.last() + 1, plan.salts(), latestExpiryNanos, isUnfinished);
    return damagedCount;
  }

  private void replay(long sequence, LogClock clock, RecordIndex index) {
    int slot = geometry.slotOf(sequence);
    boolean isUnfinished = sequence == plan.unfinishedSequence();
    boolean isChecked = mode == FileOptions.Recovery.STRICT && sequence <= plan.synced();
    SealedExtents.Directory known = isUnfinished ? null : plan.sealed().take(sequence, plan.last());
    if (known != null && !isChecked) {
      latestExpiryNanos[slot] = known.latestExpiryNanos();
      apply(slot, known.entries(), clock, index);
      return;
    }
    SealedExtent sealed =
        isUnfinished ? null : SealedExtent.read(file, sequence, plan.salts()[slot], extent);
    boolean hasDirectory = sealed != null && sealed.hasDirectory();
    latestExpiryNanos[slot] =
        sealed != null && hasDirectory ? sealed.trailer().latestExpiryNanos() : Long.MAX_VALUE;
    if (sealed != null && hasDirectory && !isChecked) {
      sealed.copyEntries(entries);
      apply(slot, entries, clock, index);
      return;
    }
    scan(sequence);
    if (isUnfinished) {
      apply(slot, scanner.records(), clock, index);
      clearRest(sequence);
    } else if (sealed != null && sealed.isWhole(scanner)) {
      sealed.copyEntries(entries);
      apply(slot, entries, clock, index);
    } else {
      repair(sequence, sealed != null && sealed.hasAllRecords(scanner), clock, index);
    }
  }

  /** Applies the records of a damaged extent that verify, and writes a directory for it. */
  private void repair(long sequence, boolean hasAllRecords, LogClock clock, RecordIndex index) {
    int slot = geometry.slotOf(sequence);
    if (truncated.hasExtent(slot)) { // a truncated file was counted as damage before
      reportDamage(sequence);
    }
    apply(slot, scanner.records(), clock, index);
    if (!hasAllRecords) { // a missing record may have overwritten any older one
      scanner.replaceWithClear(); // the next recovery drops them, too
      apply(slot, scanner.records(), clock, index);
    }
    seal(sequence);
  }

  private void scan(long sequence) {
    int slot = geometry.slotOf(sequence);
    file.readOrThrow(extent, geometry.extentOffset(slot));
    scanner.scan(extent, file, plan.salts()[slot]);
  }

  private void reportDamage(long sequence) {
    damagedCount++;
    long offset = geometry.extentOffset(geometry.slotOf(sequence));
    String found = scanner.count() + " records that verify, followed by bytes that do not";
    if (mode == FileOptions.Recovery.STRICT) {
      throw new DamagedFileException(
          file.path(), offset + scanner.endOffset(), "a sealed extent's next record", found);
    }
    LOG.log(
        Level.WARNING,
        file.path()
            + ": the extent at byte "
            + offset
            + " is damaged; records that may be stale are dropped");
  }

  /** Adds the records of an extent to the pending changes, and puts a full batch. */
  private void apply(int slot, KeyHashes records, LogClock clock, RecordIndex index) {
    for (int i = 0; i < records.count(); i++) {
      long location = records.word(i);
      byte kind = DirectoryLayout.kind(location);
      if (kind == RecordLayout.VALUE) {
        pendingChanges.add(records, i, RecordAddress.ofListed(slot, location));
      } else if (kind == RecordLayout.TOMBSTONE) {
        pendingChanges.add(records, i, RecordAddress.NONE);
      } else if (kind == RecordLayout.CLEAR) {
        clear(records.cache(i), index);
      } else {
        clock.restore(kind, records.first(i)); // or a TAIL
      }
    }
    if (pendingChanges.count() >= SealedExtents.maxEntries()) {
      putPending(index);
    }
  }

  /** Clears a cache or all. An index without records keeps the memory that it has reserved. */
  private void clear(int cache, RecordIndex index) {
    if (cache == CacheNumber.ALL) {
      pendingChanges.clear();
      if (hasPut) {
        index.clear();
        hasPut = false;
      }
      return;
    }
    putPending(index);
    index.clear(cache);
  }

  /** Puts the pending changes in one batch, which is faster than one by one. */
  private void putPending(RecordIndex index) {
    index.putAll(pendingChanges);
    hasPut = true;
    pendingChanges.clear();
  }

  /**
   * Zeros the extent after its last record. Records that the crash cut off from the log may lie
   * there. They have the right salt, and would belong to the log again after the gap before them is
   * filled. Sectors of the last record's block that hold records are written with the same content.
   */
  private void clearRest(long sequence) {
    long end = scanner.endOffset();
    extent.asSlice(end).fill((byte) 0);
    long from = Bits.roundDown(end, FormatVersion.BLOCK_BYTES);
    file.writeOrThrow(
        extent.asSlice(from), geometry.extentOffset(geometry.slotOf(sequence)) + from);
    restoreHeader(sequence);
  }

  /** Writes the directory of an extent that has none although the log has later extents. */
  private void seal(long sequence) {
    int slot = geometry.slotOf(sequence);
    scanner.writeDirectory(extent, file.fileId(), sequence, plan.salts()[slot]);
    long start = DirectoryLayout.startOf(geometry.extentBytes(), scanner.count());
    file.writeOrThrow(extent.asSlice(start), geometry.extentOffset(slot) + start);
    restoreHeader(sequence);
  }

  /** Writes the header of an extent that lost it, since the trailer may be lost next. */
  private void restoreHeader(long sequence) {
    int slot = geometry.slotOf(sequence);
    ExtentHeader found = ExtentHeaderLayout.read(extent, file.fileId());
    if (found == null || found.sequence() != sequence) {
      ExtentHeader header = new ExtentHeader(sequence, 0, plan.salts()[slot]);
      ExtentHeaderLayout.write(extent, file.fileId(), header);
      file.writeOrThrow(extent.asSlice(0, FormatVersion.BLOCK_BYTES), geometry.extentOffset(slot));
    }
  }
}
