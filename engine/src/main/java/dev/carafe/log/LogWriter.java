package dev.carafe.log;

import dev.carafe.base.Bits;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to the log. It fills one buffer while others are being written.
 *
 * <p>Guarded by the history lock. It does not wait: without room, an append returns {@link
 * RecordAddress#NONE}, and the caller releases the lock and waits for the {@link EventCount}.
 *
 * <p>Proved by {@code SimCrashTest} and {@code SimEngineTest}.
 */
public final class LogWriter {
  private static final long WRITE_BYTES = 1 << 20;

  /**
   * Clean extents that only reclamation may open, because it must copy records before it can free
   * their extent. Other appends wait while the last clean extent is open. It then holds copies
   * only, and has room for all records of the oldest extent, even after a crash.
   */
  private static final int RESERVED_EXTENTS = 1;

  /**
   * The number of extent headers that mark the end of a closed log. One of them suffices to find
   * it.
   */
  private static final int MARKED_EXTENTS = 8;

  private final LogFile file;
  private final ExtentTable table;
  private final ExtentBuffers buffers;
  private final long writeBytes;
  private final SecureRandom salts = new SecureRandom();
  private final LogClock clock;
  private @Nullable ExtentBuffer openBuffer;
  private volatile long syncedSequence;

  /**
   * Creates a writer without an open extent.
   *
   * @param file the log's file
   * @param table the states of its extents
   * @param changes signalled when a write completes
   * @param memories at least two, each as long as an extent
   */
  public LogWriter(
      LogFile file, ExtentTable table, EventCount changes, List<MemorySegment> memories) {
    this.file = file;
    this.table = table;
    this.clock = table.clock();
    this.buffers = new ExtentBuffers(file, changes, memories);
    this.writeBytes =
        Math.min(
            WRITE_BYTES,
            Bits.roundUp(file.geometry().extentBytes() / 4, FormatVersion.BLOCK_BYTES));
  }

  /**
   * Whether an extent is long enough for a record.
   *
   * @param recordBytes the length of the record
   * @return false if it can't be written
   */
  public boolean fits(long recordBytes) {
    long withTail = FormatVersion.BLOCK_BYTES + recordBytes + RecordLayout.HEADER_BYTES;
    long end = Bits.roundUp(withTail, FormatVersion.BLOCK_BYTES);
    return end <= DirectoryLayout.startOf(file.geometry().extentBytes(), 2);
  }

  /**
   * Continues the extent that was unfinished at a crash.
   *
   * @param sequence of the newest extent
   */
  public void resume(long sequence) {
    ExtentBuffer buffer = buffers.first();
    buffer.resume(sequence, table.saltAt(file.geometry().slotOf(sequence)));
    openBuffer = buffer;
  }

  /**
   * Begins the clock of this opening after recovery. Records that are appended later belong to it.
   */
  public void beginClock() {
    ExtentBuffer current = openBuffer;
    long position =
        current == null
            ? LogClock.position(table.next(), 0)
            : LogClock.position(current.sequence(), current.position());
    clock.begin(position, table.oldest());
  }

  /** Writes the clock's leads as soon as there is room, if they changed. */
  private void writeClockIfNeeded() {
    if (!clock.isUnrecorded() || isReserveOpen()) {
      return;
    }
    int records = 2 * clock.leads().size();
    long bytes = (long) records * RecordLayout.HEADER_BYTES;
    if (openBuffer != null && openBuffer.hasRoom(records, bytes)) {
      writeClock(openBuffer);
    } else {
      sealOpen();
      var _ =
          bufferWithRoom(records, bytes, RESERVED_EXTENTS + 1); // an extent begins with the leads
    }
  }

  private void writeClock(ExtentBuffer target) {
    clock
        .leads()
        .forEach((position, lead) -> {
          writeNumber(target, RecordLayout.CLOCK_FROM, position);
          writeNumber(target, RecordLayout.CLOCK_LEAD, lead);
        });
    clock.markRecorded();
  }

  private static long writeNumber(ExtentBuffer target, byte kind, long number) {
    RecordLayout.Header header = new RecordLayout.Header(kind, (byte) 0, 0, 0, 0, number);
    return target.append(header, KeyHash.ofNumber(number), MemorySegment.NULL, MemorySegment.NULL);
  }

  /**
   * Appends a record if there is room.
   *
   * @param header its header
   * @param hash the hash of its key
   * @param key its key
   * @param stored its value in the stored form
   * @return its address, NONE without room
   */
  public long tryAppend(
      RecordLayout.Header header, KeyHash hash, MemorySegment key, MemorySegment stored) {
    clock.markUsed();
    writeClockIfNeeded();
    ExtentBuffer target = isReserveOpen() ? null : bufferForAppend(header);
    return target == null
        ? RecordAddress.NONE
        : finishAppend(target, target.append(header, hash, key, stored), header);
  }

  /** Leaves room for a TAIL record, so that the copies of one extent's records fit into another. */
  private @Nullable ExtentBuffer bufferForAppend(RecordLayout.Header header) {
    return bufferWithRoom(
        2, header.recordBytes() + RecordLayout.HEADER_BYTES, RESERVED_EXTENTS + 1);
  }

  /** Appends a TAIL record, which excludes all extents before a sequence. May use the reserve. */
  boolean tryAppendTail(long firstSequence) {
    RecordLayout.Header header =
        new RecordLayout.Header(RecordLayout.TAIL, (byte) 0, 0, 0, 0, firstSequence);
    ExtentBuffer target = bufferWithRoom(1, header.recordBytes(), RESERVED_EXTENTS);
    if (target == null) {
      return false;
    }
    var _ = finishAppend(target, writeNumber(target, RecordLayout.TAIL, firstSequence), header);
    return true;
  }

  /** Appends a copy of another extent's record. May use the reserve. */
  long tryAppendCopy(
      RecordLayout.Header header, KeyHash hash, MemorySegment from, long fromOffset) {
    ExtentBuffer target = bufferWithRoom(1, header.recordBytes(), RESERVED_EXTENTS);
    return target == null
        ? RecordAddress.NONE
        : finishAppend(target, target.appendCopy(header, hash, from, fromOffset), header);
  }

  private long finishAppend(ExtentBuffer target, long offset, RecordLayout.Header header) {
    try {
      target.writeFullBlocks(writeBytes);
    } catch (OutOfMemoryError | StackOverflowError e) {
      // the record is in the buffer; the next append or the seal submits it
    }
    int slot = file.geometry().slotOf(target.sequence());
    return RecordAddress.of(slot, offset, header.recordBytes());
  }

  private @Nullable ExtentBuffer bufferWithRoom(int records, long bytes, int cleanNeeded) {
    ExtentBuffer current = openBuffer;
    if (current != null && current.hasRoom(records, bytes)) {
      return current;
    }
    if (table.cleanCount() < cleanNeeded) {
      return null;
    }
    sealOpen();
    ExtentBuffer fresh = table.canOpen(syncedSequence) ? buffers.free(openBuffer) : null;
    if (fresh == null) {
      return null;
    }
    long salt = salts.nextLong();
    boolean filled = false;
    try {
      fresh.open(new ExtentHeader(table.next(), syncedSequence, salt));
      writeClock(fresh);
      filled = true;
    } finally {
      if (!filled) {
        fresh.discard();
      }
    }
    var _ = table.open(salt);
    openBuffer = fresh;
    return fresh;
  }

  /** Whether a record can't be appended before an extent is freed. */
  boolean isFull(long recordBytes) {
    ExtentBuffer current = openBuffer;
    return table.cleanCount() == 0 && (current == null || !current.hasRoom(1, recordBytes));
  }

  /** Seals the open extent, unless it is the reserve. */
  public void sealUnlessReserve() {
    writeClockIfNeeded();
    if (!isReserveOpen()) {
      sealOpen();
    }
  }

  /** Whether the last clean extent is open. It holds copies only. */
  private boolean isReserveOpen() {
    return table.cleanCount() < RESERVED_EXTENTS;
  }

  /** Seals the open extent, if there is one. */
  void sealOpen() {
    ExtentBuffer current = openBuffer;
    if (current != null) {
      current.seal();
      table.seal(current.sequence(), current.latestExpiryNanos());
      openBuffer = null;
    }
  }

  /**
   * Submits all records for writing, except those of the reserve. Their originals are in the oldest
   * extent, and the reserve has no room for padding.
   */
  public void writeAll() {
    writeClockIfNeeded();
    if (!isReserveOpen() && openBuffer != null && !openBuffer.writeAll()) {
      sealOpen();
    }
  }

  /**
   * Submits the unsynced extents again, also those that the log does not have any more: they are
   * needed until the TAIL record that excludes them is synced with the extent that has it. Their
   * slots are not overwritten before.
   *
   * @return the sequences of those that no buffer holds
   */
  List<Long> rewriteUnsynced() {
    List<Long> absent = new ArrayList<>();
    for (long s = Math.max(file.firstSequence(), syncedSequence + 1); s < table.next(); s++) {
      absent.add(s);
    }
    buffers.rewrite(absent);
    return absent;
  }

  /**
   * Marks the newest extent as synced in the headers of the newest extents, as the header of a
   * later extent would. No extent may be open or unsynced. The caller syncs.
   *
   * @param scratch a block or more, overwritten
   */
  public void markEnd(MemorySegment scratch) {
    MemorySegment block = scratch.asSlice(0, FormatVersion.BLOCK_BYTES);
    long newest = table.newestSequence();
    for (long s = Math.max(table.oldest(), newest - MARKED_EXTENTS + 1); s <= newest; s++) {
      int slot = file.geometry().slotOf(s);
      ExtentHeaderLayout.write(
          block, file.fileId(), new ExtentHeader(s, newest, table.saltAt(slot)));
      file.writeOrThrow(block, file.geometry().extentOffset(slot));
    }
  }

  /**
   * Marks all extents up to one as synced. The next extent header records it.
   *
   * @param sequence of the newest synced extent
   */
  public void markSynced(long sequence) {
    syncedSequence = Math.max(syncedSequence, sequence);
  }

  /**
   * The newest synced extent.
   *
   * @return the highest sequence given to {@link #markSynced}
   */
  public long syncedSequence() {
    return syncedSequence;
  }

  /**
   * The newest extent such that all writes of it and of all older ones have succeeded.
   *
   * @return its sequence
   */
  public long writtenSequence() {
    return buffers.writtenSequence(
        openBuffer, openBuffer == null ? table.next() - 1 : table.next() - 2);
  }

  /**
   * The bytes of the open extent that were not submitted for writing.
   *
   * @return a number of bytes
   */
  public long unsubmittedBytes() {
    return openBuffer == null ? 0 : openBuffer.unsubmittedBytes();
  }

  /**
   * The buffers and their writes.
   *
   * @return always the same object
   */
  public ExtentBuffers buffers() {
    return buffers;
  }
}
