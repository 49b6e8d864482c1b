package dev.carafe.log;

import dev.carafe.DamagedFileException;
import dev.carafe.FileOptions;
import dev.carafe.base.Bits;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHashes;
import dev.carafe.log.format.RecordLayout;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a file the log as it was at one moment, not before the last completed flush (contract
 * D3), and replays it into the index.
 *
 * <p>Extents that were synced before some later header was written are certain: what does not
 * verify in them is damage. Those after them may have been cut off: the first that is not complete
 * ends the log, what it holds up to the cut still counts, and what lies beyond is wiped, so that it
 * can't pass for history later.
 *
 * <p>A directory names all keys of its extent, so a damaged record is found when it is read. Where
 * not even that is left, it can't be known which older records were overwritten or removed there;
 * so all that is older is given up rather than be stale (R1, R2).
 */
public final class Recovery {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final LogFile file;
  private final TruncatedFile cut;
  private final Geometry geometry;
  private final FileOptions.Recovery mode;
  private final MemorySegment extent;
  private final RecordIndex live;
  private final ExtentScanner scanner = new ExtentScanner();
  private final KeyHashes pendingChanges = new KeyHashes(1024);
  private LogClock clock = new LogClock();
  private long expected;
  private final long[] salts;
  private final long[] latestExpiryNanos;
  private final boolean[] present;
  private final boolean[] partial;
  private long synced;
  private long last;
  private long unfinished;
  private long damagedCount;

  /**
   * Ready to run.
   *
   * @param file to recover
   * @param mode what is done about damage
   * @param extent memory for one extent
   * @param live the index, empty
   */
  public Recovery(LogFile file, FileOptions.Recovery mode, MemorySegment extent, RecordIndex live) {
    this.file = file;
    this.cut = new TruncatedFile(file);
    this.geometry = file.geometry();
    this.mode = mode;
    this.extent = extent;
    this.live = live;
    this.salts = new long[geometry.extentCount()];
    this.latestExpiryNanos = new long[geometry.extentCount()];
    this.present = new boolean[geometry.extentCount()];
    this.partial = new boolean[geometry.extentCount()];
  }

  /**
   * How many damaged places were found.
   *
   * @return 0 for a file in order
   */
  public long damagedCount() {
    return damagedCount;
  }

  /**
   * The newest extent, if a crash cut it off and nothing stands behind its last record: the writer
   * goes on there.
   *
   * @return its sequence, or 0
   */
  public long unfinishedSequence() {
    return unfinished;
  }

  /**
   * Replays the log.
   *
   * @param table told what the log is
   * @throws DamagedFileException if there is damage and the mode is STRICT
   * @throws dev.carafe.DeviceException if the file can't be read
   */
  public void run(ExtentTable table) {
    clock = table.clock();
    long newest = readHeaders();
    long start = file.firstSequence();
    if (newest < start) { // nothing that counts is left
      table.restore(start, start, salts, latestExpiryNanos, false);
      return;
    }
    last = findEnd(newest);
    long first = findStart();
    file.wipeOrThrow(last + 1, newest, extent); // so that no later recovery finds it
    live.reserve(expected);
    for (long sequence = first; sequence <= last; sequence++) {
      replay(sequence);
    }
    file.syncOrThrow();
    table.restore(first, last + 1, salts, latestExpiryNanos, unfinished > 0);
  }

  /** Which extents are there, by header or trailer; returns the newest sequence, 0 for none. */
  private long readHeaders() {
    long[] sequences = new long[geometry.extentCount()];
    long[] headerSynced = new long[geometry.extentCount()];
    long newest = 0;
    for (int slot = 0; slot < geometry.extentCount(); slot++) {
      sequences[slot] = cut.hasHeader(slot) ? readSequence(slot, headerSynced) : 0;
      // what a header calls synced was there, even if nothing is left of it
      newest = Math.max(newest, Math.max(sequences[slot], headerSynced[slot]));
    }
    if (cut.isTruncated()) {
      damagedCount++;
      newest = cut.repair(sequences, salts, headerSynced, extent);
    }
    long oldestPossible = file.oldestPossible(newest);
    for (int slot = 0; slot < sequences.length; slot++) {
      present[slot] = sequences[slot] >= oldestPossible;
      synced = present[slot] ? Math.max(synced, headerSynced[slot]) : synced;
    }
    return newest;
  }

  private long readSequence(int slot, long[] headerSynced) {
    long offset = geometry.extentOffset(slot);
    MemorySegment block = extent.asSlice(0, FormatVersion.BLOCK_BYTES);
    file.readOrThrow(block, offset);
    ExtentHeader header = ExtentHeaderLayout.read(block, file.fileId());
    if (header != null && geometry.slotOf(header.sequence()) == slot) {
      headerSynced[slot] = header.syncedSequence();
      salts[slot] = header.salt();
      return header.sequence();
    }
    DirectoryLayout.Trailer trailer = cut.hasExtent(slot) ? readTrailer(slot) : null;
    if (trailer == null
        || geometry.slotOf(trailer.sequence()) != slot
        || readDirectory(trailer) == null) {
      return 0;
    }
    salts[slot] = trailer.salt();
    return trailer.sequence(); // its header is damaged, but what it holds is known
  }

  private DirectoryLayout.@Nullable Trailer readTrailer(int slot) {
    MemorySegment block = extent.asSlice(0, FormatVersion.BLOCK_BYTES);
    long end = geometry.extentOffset(slot) + geometry.extentBytes();
    file.readOrThrow(block, end - FormatVersion.BLOCK_BYTES);
    return DirectoryLayout.readTrailer(block, file.fileId(), geometry.extentBytes());
  }

  /** The verified entries of a sealed extent, or null. */
  private @Nullable MemorySegment readDirectory(DirectoryLayout.Trailer trailer) {
    long start = DirectoryLayout.startOf(geometry.extentBytes(), trailer.count());
    MemorySegment directory = extent.asSlice(start);
    file.readOrThrow(directory, geometry.extentOffset(geometry.slotOf(trailer.sequence())) + start);
    return DirectoryLayout.verifies(directory, file.fileId())
            && DirectoryLayout.isPossible(directory, trailer.count(), geometry.extentBytes())
        ? directory
        : null;
  }

  private @Nullable MemorySegment directoryOf(long sequence) {
    DirectoryLayout.Trailer trailer = trailerOf(sequence);
    return trailer == null || partial[geometry.slotOf(sequence)] ? null : readDirectory(trailer);
  }

  /**
   * The trailer of this very extent: of this opening of it, too, for a history that was cut off may
   * have written one for the same sequence.
   */
  private DirectoryLayout.@Nullable Trailer trailerOf(long sequence) {
    int slot = geometry.slotOf(sequence);
    DirectoryLayout.Trailer trailer = readTrailer(slot);
    return trailer != null && trailer.sequence() == sequence && trailer.salt() == salts[slot]
        ? trailer
        : null;
  }

  private int countOf(MemorySegment directory) {
    MemorySegment block = directory.asSlice(directory.byteSize() - FormatVersion.BLOCK_BYTES);
    DirectoryLayout.Trailer trailer =
        DirectoryLayout.readTrailer(block, file.fileId(), geometry.extentBytes());
    return trailer == null ? 0 : trailer.count();
  }

  /** The last extent that counts: complete up to there, as far as it isn't certain anyhow. */
  private long findEnd(long newest) {
    long oldestPossible = file.oldestPossible(newest);
    for (long sequence = Math.max(synced + 1, oldestPossible); sequence <= newest; sequence++) {
      int slot = geometry.slotOf(sequence);
      if (!present[slot]) {
        return sequence - 1;
      }
      partial[slot] = !isWhole(sequence);
      if (partial[slot]) {
        return sequence;
      }
    }
    return newest;
  }

  /**
   * Whether an extent has its directory and all that the directory names. The directory alone is
   * not enough where a crash may have been: it may name a copy that did not land, of a value that
   * was flushed where it was before.
   */
  private boolean isWhole(long sequence) {
    DirectoryLayout.Trailer trailer = trailerOf(sequence);
    MemorySegment directory = trailer == null ? null : readDirectory(trailer);
    if (trailer == null || directory == null) {
      return false;
    }
    boolean emptied =
        trailer.count() == 1
            && DirectoryLayout.placeAt(directory, 0)
                == DirectoryLayout.place(RecordLayout.CLEAR, 0, 0);
    scan(sequence);
    return emptied || scanner.count() == trailer.count();
  }

  /** The first extent that counts: what is there, and not before the newest TAIL record. */
  private long findStart() {
    long first = last + 1;
    long oldestPossible = file.oldestPossible(last);
    for (long sequence = last; sequence >= oldestPossible; sequence--) {
      first = present[geometry.slotOf(sequence)] ? sequence : first;
    }
    for (long sequence = last; sequence >= first; sequence--) {
      long tail = tailIn(sequence);
      if (tail > 0 && tail <= sequence) { // never after the extent that says so
        long start = Math.max(first, tail);
        expected = expected / (last + 1 - sequence) * (last + 1 - start);
        return start;
      }
    }
    return first;
  }

  private long tailIn(long sequence) {
    MemorySegment directory = directoryOf(sequence);
    if (directory == null) {
      scan(sequence);
    }
    int count = directory == null ? scanner.count() : countOf(directory);
    expected += count;
    long tail = 0;
    for (int i = 0; i < count; i++) {
      long place =
          directory == null ? scanner.records().word(i) : DirectoryLayout.placeAt(directory, i);
      if (DirectoryLayout.kind(place) == RecordLayout.TAIL) {
        tail =
            directory == null ? scanner.records().first(i) : DirectoryLayout.firstAt(directory, i);
      }
    }
    return tail;
  }

  private void scan(long sequence) {
    int slot = geometry.slotOf(sequence);
    file.readOrThrow(extent, geometry.extentOffset(slot));
    scanner.scan(extent, file, salts[slot]);
  }

  private void replay(long sequence) {
    int slot = geometry.slotOf(sequence);
    boolean certain = sequence <= synced;
    DirectoryLayout.Trailer trailer = trailerOf(sequence);
    MemorySegment directory = trailer == null || partial[slot] ? null : readDirectory(trailer);
    latestExpiryNanos[slot] =
        trailer != null && directory != null ? trailer.latestExpiryNanos() : Long.MAX_VALUE;
    if (trailer != null && directory != null && !(certain && mode == FileOptions.Recovery.STRICT)) {
      for (int i = 0; i < trailer.count(); i++) {
        long first = DirectoryLayout.firstAt(directory, i);
        int check = DirectoryLayout.checkAt(directory, i);
        apply(slot, first, check, DirectoryLayout.placeAt(directory, i));
      }
      applyPendingChanges();
      return;
    }
    scan(sequence);
    boolean whole = !certain || (trailer != null && scanner.count() == trailer.count());
    if (certain && !(whole && directory != null) && cut.hasExtent(slot)) {
      damaged(sequence);
    }
    for (int i = 0; i < scanner.count(); i++) {
      KeyHashes found = scanner.records();
      apply(slot, found.first(i), found.check(i), found.word(i));
    }
    applyPendingChanges();
    if (!whole) {
      live.clear(); // what is missing may have overwritten what stands before it
      scanner.replaceWithClear(); // and so it must be found the next time
    }
    if (!certain && sequence == last) {
      clearRest(sequence);
      unfinished = sequence;
    } else if (directory == null || !whole) {
      seal(sequence);
    }
  }

  private void damaged(long sequence) {
    damagedCount++;
    long offset = geometry.extentOffset(geometry.slotOf(sequence));
    String found = scanner.count() + " records that verify, and then something else";
    if (mode == FileOptions.Recovery.STRICT) {
      throw new DamagedFileException(
          file.path(), offset + scanner.endOffset(), "a sealed extent's next record", found);
    }
    LOG.log(
        Level.WARNING,
        file.path()
            + ": the extent at byte "
            + offset
            + " is damaged; what can't be known to be current is given up");
  }

  private void apply(int slot, long first, int check, long place) {
    long address =
        RecordAddress.of(slot, DirectoryLayout.offset(place), DirectoryLayout.recordBytes(place));
    switch (DirectoryLayout.kind(place)) {
      case RecordLayout.VALUE -> pendingChanges.add(first, check, address);
      case RecordLayout.TOMBSTONE -> pendingChanges.add(first, check, RecordAddress.NONE);
      case RecordLayout.CLEAR -> {
        pendingChanges.clear();
        live.clear();
      }
      default -> clock.restore(DirectoryLayout.kind(place), first); // TAIL was looked for before
    }
  }

  /** An extent's changes go to the index at once, which takes many better than one by one. */
  private void applyPendingChanges() {
    live.putAll(pendingChanges);
    pendingChanges.clear();
  }

  /**
   * Records of the cut-off history may stand behind the place where none does; they have the right
   * salt, and would count again when the gap is filled. So zeros take their place, before anything
   * is appended. Where the last record's block is written anew, its sectors stay what they were.
   */
  private void clearRest(long sequence) {
    long end = scanner.endOffset();
    extent.asSlice(end).fill((byte) 0);
    long from = Bits.roundDown(end, FormatVersion.BLOCK_BYTES);
    file.writeOrThrow(
        extent.asSlice(from), geometry.extentOffset(geometry.slotOf(sequence)) + from);
    giveHeader(sequence);
  }

  /** An extent without a directory that others follow gets one now. */
  private void seal(long sequence) {
    int slot = geometry.slotOf(sequence);
    scanner.writeDirectory(extent, file.fileId(), sequence, salts[slot]);
    long start = DirectoryLayout.startOf(geometry.extentBytes(), scanner.count());
    file.writeOrThrow(extent.asSlice(start), geometry.extentOffset(slot) + start);
    giveHeader(sequence);
  }

  /** An extent that lost its own, or all of itself, would be lost with its trailer. */
  private void giveHeader(long sequence) {
    int slot = geometry.slotOf(sequence);
    ExtentHeader found = ExtentHeaderLayout.read(extent, file.fileId());
    if (found == null || found.sequence() != sequence) {
      ExtentHeaderLayout.write(extent, file.fileId(), new ExtentHeader(sequence, 0, salts[slot]));
      file.writeOrThrow(extent.asSlice(0, FormatVersion.BLOCK_BYTES), geometry.extentOffset(slot));
    }
  }
}
