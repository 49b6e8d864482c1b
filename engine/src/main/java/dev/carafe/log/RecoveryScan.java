package dev.carafe.log;

import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.KeyHashes;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first and the last extent of the log. It only reads the file; {@link RecoveryReplay}
 * acts on the plan.
 *
 * <p>Extents that were synced before a later header was written belong to the log. A crash may have
 * lost later ones: the log ends with the first that is missing or not whole.
 */
final class RecoveryScan {
  private final LogFile file;
  private final Geometry geometry;
  private final ExtentHeaders headers;
  private final MemorySegment extent;
  private final ExtentScanner scanner = new ExtentScanner();
  private final KeyHashes entries = new KeyHashes(1024);
  private final SealedExtents sealed;
  private long oldestPresent;
  private boolean lastIsPartial;
  private long expectedRecords;

  /**
   * Prepares a scan.
   *
   * @param file to be recovered
   * @param headers its extent headers
   * @param extent memory for one extent, overwritten
   */
  RecoveryScan(LogFile file, ExtentHeaders headers, MemorySegment extent) {
    this.file = file;
    this.geometry = file.geometry();
    this.headers = headers;
    this.extent = extent;
    this.sealed = new SealedExtents(file, headers.salts(), extent);
  }

  RecoveryPlan run() {
    long newest = headers.newest();
    long start = file.firstSequence();
    if (newest < start) { // the log is empty
      return new RecoveryPlan(start, start - 1, newest, 0, false, headers.salts(), sealed, 0);
    }
    oldestPresent = file.oldestPossible(newest);
    long synced = headers.newestSynced(oldestPresent);
    long last = findEnd(synced, newest);
    long first = findStart(last);
    return new RecoveryPlan(
        first, last, newest, synced, lastIsPartial, headers.salts(), sealed, expectedRecords);
  }

  private boolean isPresent(long sequence) {
    return sequence >= oldestPresent && headers.sequenceAt(geometry.slotOf(sequence)) == sequence;
  }

  private @Nullable SealedExtent sealed(long sequence) {
    return SealedExtent.read(file, sequence, headers.salts()[geometry.slotOf(sequence)], extent);
  }

  private void scan(long sequence) {
    int slot = geometry.slotOf(sequence);
    file.readOrThrow(extent, geometry.extentOffset(slot));
    scanner.scan(extent, file, headers.salts()[slot]);
  }

  /**
   * Finds the last extent of the log: the extents between the synced ones and this one are whole.
   * Extents that a later TAIL record excludes may be missing: their blocks were returned to the
   * file system, or a crash lost them.
   */
  private long findEnd(long synced, long newest) {
    for (long sequence = Math.max(synced + 1, oldestPresent); sequence <= newest; sequence++) {
      if (!isPresent(sequence) || !isWhole(sequence)) {
        long next = excludedBy(sequence, newest);
        if (next == 0) {
          lastIsPartial = isPresent(sequence);
          return lastIsPartial ? sequence : sequence - 1;
        }
        sequence = next - 1; // it is the next one to check: it may be unfinished
      }
    }
    return newest;
  }

  /**
   * Finds a later TAIL record that excludes an extent. The extents from the one that it names up to
   * the one before its own must be whole, and so must the records before it: they hold the live
   * records of the excluded extents.
   *
   * @return the sequence of the extent that has the TAIL, maybe an unfinished one; 0 if there is
   *     none
   */
  private long excludedBy(long missing, long newest) {
    long wholeFrom = missing + 1;
    for (long sequence = wholeFrom; sequence <= newest; sequence++) {
      if (!isPresent(sequence)) {
        wholeFrom = sequence + 1;
        continue;
      }
      boolean isWhole = scanIsWhole(sequence); // its records up to the first that does not verify
      if (newestTail(scanner.records()) >= wholeFrom) {
        return sequence;
      }
      wholeFrom = isWhole ? wholeFrom : sequence + 1;
    }
    return 0;
  }

  private boolean isWhole(long sequence) {
    return sealed(sequence) != null && scanIsWhole(sequence);
  }

  /** Scans an extent, and returns whether it is sealed and all its records verify. */
  private boolean scanIsWhole(long sequence) {
    scan(sequence); // reads the whole extent, with its directory
    SealedExtent sealed =
        SealedExtent.in(extent, file, sequence, headers.salts()[geometry.slotOf(sequence)]);
    return sealed != null && sealed.isWhole(scanner);
  }

  /** Finds the first extent of the log: the oldest one present that no TAIL record excludes. */
  private long findStart(long last) {
    long first = last + 1;
    long oldestPossible = file.oldestPossible(last);
    for (long sequence = last; sequence >= oldestPossible; sequence--) {
      first = isPresent(sequence) ? sequence : first;
    }
    for (long sequence = last; sequence >= first; sequence--) {
      long tail = tailIn(sequence, first, lastIsPartial && sequence == last);
      if (tail > 0 && tail <= sequence) { // a TAIL record never names an extent after its own
        long start = Math.max(first, tail);
        expectedRecords = expectedRecords / (last + 1 - sequence) * (last + 1 - start);
        return start;
      }
    }
    return first;
  }

  /** The sequence that the newest TAIL record of an extent names, 0 if it has none. */
  private long tailIn(long sequence, long first, boolean isPartial) {
    KeyHashes found = isPartial ? null : directoryOf(sequence, first);
    if (found == null) {
      scan(sequence);
      found = scanner.records();
    }
    expectedRecords += found.count();
    return newestTail(found);
  }

  /** The sequence that the newest TAIL record of these names, 0 if there is none. */
  private static long newestTail(KeyHashes records) {
    for (int i = records.count() - 1; i >= 0; i--) {
      if (DirectoryLayout.kind(records.word(i)) == RecordLayout.TAIL) {
        return records.first(i);
      }
    }
    return 0;
  }

  /** The entries of a sealed extent, null if its directory does not verify. */
  private @Nullable KeyHashes directoryOf(long sequence, long first) {
    SealedExtents.Directory known = sealed.get(sequence, first);
    if (known != null) {
      return known.entries();
    }
    SealedExtent read = sealed(sequence);
    if (read == null || !read.hasDirectory()) {
      return null;
    }
    read.copyEntries(entries);
    return entries;
  }
}
