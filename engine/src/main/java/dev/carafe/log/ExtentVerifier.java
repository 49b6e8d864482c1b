package dev.carafe.log;

import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.DirectoryLayout.Trailer;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.Mismatch;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads an extent for {@link LogInspection}: counts its records and checks all of its bytes. */
final class ExtentVerifier {
  private final LogFile file;
  private final ExtentTable table;
  private final MemorySegment extent;
  private final RecordIndex live;
  private final long nowNanos;
  private final Consumer<Mismatch> damage;
  private final ExtentScanner scanner = new ExtentScanner();

  // state of the extent that is being checked
  private int slot;
  private long sequence;
  private long salt;
  private ContentCounts counts = new ContentCounts();
  private long damagedPlaces;

  ExtentVerifier(
      LogFile file,
      ExtentTable table,
      MemorySegment extent,
      RecordIndex live,
      long nowNanos,
      Consumer<Mismatch> damage) {
    this.file = file;
    this.table = table;
    this.extent = extent;
    this.live = live;
    this.nowNanos = nowNanos;
    this.damage = damage;
  }

  FileReport.Extent check(int slotToCheck) {
    slot = slotToCheck;
    sequence = table.sequenceAt(slot);
    salt = table.saltAt(slot);
    counts = new ContentCounts();
    damagedPlaces = 0;
    boolean inLog = sequence > 0;
    file.readOrThrow(extent, file.geometry().extentOffset(slot));
    ExtentHeader header = checkHeader(inLog);
    ExtentTable.State state =
        !inLog
            ? ExtentTable.State.CLEAN
            : checkRecords() ? ExtentTable.State.SEALED : ExtentTable.State.OPEN;
    return new FileReport.Extent(
        slot,
        file.geometry().extentOffset(slot),
        state,
        inLog ? sequence : header == null ? 0 : header.sequence(),
        header == null ? 0 : header.syncedSequence(),
        counts.contents(),
        damagedPlaces);
  }

  /** The counts of the extent that was checked last. */
  ContentCounts counts() {
    return counts;
  }

  private void report(@Nullable Mismatch mismatch) {
    if (mismatch != null) {
      damagedPlaces++;
      damage.accept(mismatch.shiftedBy(file.geometry().extentOffset(slot)));
    }
  }

  private void report(long offset, String expected, String found) {
    report(new Mismatch(offset, expected, found));
  }

  private @Nullable ExtentHeader checkHeader(boolean inLog) {
    MemorySegment block = extent.asSlice(0, FormatVersion.BLOCK_BYTES);
    if (!inLog && Mismatch.ofPadding(block, 0, block.byteSize()) == null) {
      return null; // the extent was never written, or was wiped
    }
    report(ExtentHeaderLayout.mismatch(block, file.fileId()));
    ExtentHeader header = ExtentHeaderLayout.read(block, file.fileId());
    if (header != null && inLog && header.sequence() != sequence) {
      report(0, "an extent header of sequence " + sequence, "one of " + header.sequence());
    } else if (header != null && !mayOccupySlot(header.sequence())) {
      report(0, "an extent header of slot " + slot, "one of sequence " + header.sequence());
    }
    return header;
  }

  /**
   * After a capacity change, old extents and copies may lie in slots that their sequences do not
   * map to.
   */
  private boolean mayOccupySlot(long oldSequence) {
    return file.geometry().slotOf(oldSequence) == slot || file.header().rings().firstSequence() > 0;
  }

  /** Returns whether the extent is sealed. */
  private boolean checkRecords() {
    SealedExtent sealed = SealedExtent.in(extent, file, sequence, salt);
    if (sealed == null) {
      scan();
      checkUnsealed(SealedExtent.trailerIn(extent, file));
      return false;
    }
    Trailer trailer = sealed.trailer();
    long start = DirectoryLayout.startOf(extent.byteSize(), trailer.count());
    MemorySegment directory = extent.asSlice(start);
    Mismatch damage = DirectoryLayout.mismatch(directory, file.fileId());
    if (damage == null) {
      checkListedRecords(directory, trailer.count());
      return true;
    }
    report(damage.shiftedBy(start));
    scan();
    if (scanner.count() != trailer.count()) {
      report(
          scanner.endOffset(),
          "record " + (scanner.count() + 1) + " of " + trailer.count(),
          "none that verifies");
    }
    return true;
  }

  private void scan() {
    scanner.scan(extent, file, salt);
    for (int i = 0; i < scanner.count(); i++) {
      countRecord(scanner.records().hash(i), scanner.records().word(i), true);
    }
  }

  /**
   * Only the newest extent may lack a directory. The file then has zeros or an older trailer there.
   */
  private void checkUnsealed(@Nullable Trailer trailer) {
    long trailerAt = extent.byteSize() - DirectoryLayout.TRAILER.byteSize();
    boolean empty = Mismatch.ofPadding(extent, trailerAt, extent.byteSize()) == null;
    boolean valid = sequence == table.newestSequence() && (empty || isOfEarlierOpening(trailer));
    if (!valid) {
      report(
          trailerAt,
          "the trailer of sequence " + sequence,
          empty ? "zeros" : trailer == null ? "no trailer" : "that of " + trailer.sequence());
    }
  }

  private boolean isOfEarlierOpening(@Nullable Trailer trailer) {
    if (trailer == null || trailer.sequence() > sequence || !mayOccupySlot(trailer.sequence())) {
      return false;
    }
    long start = DirectoryLayout.startOf(extent.byteSize(), trailer.count());
    boolean overwritten = start < scanner.endOffset();
    return overwritten || DirectoryLayout.verifies(extent.asSlice(start), file.fileId());
  }

  private void checkListedRecords(MemorySegment directory, int listed) {
    long end = FormatVersion.BLOCK_BYTES;
    for (int i = 0; i < listed; i++) {
      long location = DirectoryLayout.locationAt(directory, i);
      KeyHash hash = DirectoryLayout.hashAt(directory, i);
      Mismatch damage = null;
      if (!DirectoryLayout.isPossible(location, extent.byteSize())) {
        report(end, "a possible location in directory entry " + i, String.format("0x%x", location));
        continue;
      }
      if (DirectoryLayout.recordBytes(location)
          > 0) { // else a CLEAR that recovery wrote without a record
        checkPadding(end, DirectoryLayout.offset(location));
        damage = recordMismatch(hash, location);
        report(damage);
        end = DirectoryLayout.offset(location) + DirectoryLayout.recordBytes(location);
      }
      countRecord(hash, location, damage == null);
    }
  }

  /** Checks that only padding records lie between two records, and that they verify. */
  private void checkPadding(long from, long to) {
    for (long at = from; at < to; ) {
      RecordLayout.Header header = RecordLayout.read(extent, at);
      if (header.kind() != RecordLayout.PADDING || !RecordLayout.isPlausible(header, to - at)) {
        report(at, "padding", "a record of kind " + header.kind());
        return;
      }
      report(RecordLayout.mismatch(extent, at, header, salt));
      at += header.recordBytes();
    }
  }

  private @Nullable Mismatch recordMismatch(KeyHash hash, long location) {
    long offset = DirectoryLayout.offset(location);
    RecordLayout.Header header = RecordLayout.read(extent, offset);
    byte kind = DirectoryLayout.kind(location);
    long recordBytes = DirectoryLayout.recordBytes(location);
    if (header.kind() != kind || header.recordBytes() != recordBytes) {
      return new Mismatch(
          offset,
          "a record of kind " + kind + " and " + recordBytes + " bytes",
          "one of kind " + header.kind() + " and " + header.recordBytes() + " bytes");
    }
    Mismatch damage = RecordLayout.mismatch(extent, offset, header, salt);
    boolean matches =
        damage != null || kind == RecordLayout.CLEAR || hashOf(header, offset).equals(hash);
    return matches
        ? damage
        : new Mismatch(offset, "a record of hash " + hash, "one of " + hashOf(header, offset));
  }

  private KeyHash hashOf(RecordLayout.Header header, long offset) {
    MemorySegment key = extent.asSlice(offset + RecordLayout.HEADER_BYTES, header.keyBytes());
    return RecordLayout.hasNumber(header.kind())
        ? KeyHash.ofNumber(header.expiresAtNanos())
        : file.hashOf(key);
  }

  private void countRecord(KeyHash hash, long location, boolean verified) {
    long offset = DirectoryLayout.offset(location);
    long bytes = DirectoryLayout.recordBytes(location);
    byte kind = DirectoryLayout.kind(location);
    boolean isLive =
        verified
            && kind == RecordLayout.VALUE
            && RecordAddress.isSameRecord(live.find(hash), RecordAddress.of(slot, offset, bytes))
            && RecordLayout.read(extent, offset).expiresAtNanos() > nowNanos;
    counts.add(kind, hash.cache(), bytes, isLive);
    if (isLive && hash.cache() == CacheNumber.NAMES) {
      counts.readNames(extent, offset);
    }
  }
}
