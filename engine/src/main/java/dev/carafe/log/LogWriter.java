package dev.carafe.log;

import dev.carafe.base.Bits;
import dev.carafe.device.IoResult;
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
 * Appends to the log: fills one buffer while another is being written.
 *
 * <p>Guarded by the history lock. It never waits: where there is no room now, the answer is {@link
 * RecordAddress#NONE}, and whoever wants it waits for {@link EventCount} without the lock.
 *
 * <p>Proved by {@code SimCrashTest} and {@code SimEngineTest}.
 */
public final class LogWriter {
  private static final long WRITE_BYTES = 1 << 20;

  /**
   * What ordinary appends leave for reclaiming, which must carry before it can free. While the last
   * clean extent is in use for that, they wait; so it holds copies only, and room is left in it for
   * all that the oldest extent can hold, also after a crash.
   */
  private static final int RESERVED_EXTENTS = 1;

  /** Headers that say where a log that was closed ends: so many would have to be lost at once. */
  private static final int MARKED_EXTENTS = 8;

  private final LogFile file;
  private final ExtentTable table;
  private final EventCount changes;
  private final List<ExtentBuffer> buffers = new ArrayList<>();
  private final long writeBytes;
  private final SecureRandom salts = new SecureRandom();
  private final LogClock clock;
  private @Nullable ExtentBuffer openBuffer;
  private volatile long syncedSequence;

  /**
   * Nothing is open.
   *
   * @param file to write to
   * @param table of its extents
   * @param changes signalled when a write has ended
   * @param memories an extent long each, at least two
   */
  public LogWriter(
      LogFile file, ExtentTable table, EventCount changes, List<MemorySegment> memories) {
    this.file = file;
    this.table = table;
    this.changes = changes;
    this.clock = table.clock();
    for (MemorySegment memory : memories) {
      buffers.add(new ExtentBuffer(file, changes, memory));
    }
    this.writeBytes =
        Math.min(
            WRITE_BYTES,
            Bits.roundUp(file.geometry().extentBytes() / 4, FormatVersion.BLOCK_BYTES));
  }

  /**
   * Whether a record can be written at all.
   *
   * @param recordBytes how long it is
   * @return false if no extent is long enough
   */
  public boolean fits(long recordBytes) {
    long withTail = FormatVersion.BLOCK_BYTES + recordBytes + RecordLayout.HEADER_BYTES;
    long end = Bits.roundUp(withTail, FormatVersion.BLOCK_BYTES);
    return end <= DirectoryLayout.startOf(file.geometry().extentBytes(), 2);
  }

  /**
   * Goes on with the extent that a crash cut off.
   *
   * @param sequence the newest extent's
   */
  public void resume(long sequence) {
    ExtentBuffer buffer = buffers.getFirst();
    buffer.resume(sequence, table.saltAt(file.geometry().slotOf(sequence)));
    openBuffer = buffer;
  }

  /** Recovery has ended: what is appended from here on is of this opening. */
  public void beginClock() {
    ExtentBuffer current = openBuffer;
    long position =
        current == null
            ? LogClock.position(table.next(), 0)
            : LogClock.position(current.sequence(), current.position());
    clock.begin(position, table.oldest());
  }

  /** Says how records are told, as soon as there is room, if that is not said yet. */
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
          bufferWithRoom(records, bytes, RESERVED_EXTENTS + 1); // each extent begins by saying so
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
    return target.append(header, new KeyHash(number, 0), MemorySegment.NULL, MemorySegment.NULL);
  }

  /**
   * Appends a record if there is room now.
   *
   * @param header what it says
   * @param hash of its key
   * @param key its key
   * @param stored its value as it is stored
   * @return its address, or NONE
   */
  public long tryAppend(
      RecordLayout.Header header, KeyHash hash, MemorySegment key, MemorySegment stored) {
    clock.markUsed();
    writeClockIfNeeded();
    ExtentBuffer target = isReserveOpen() ? null : ordinaryBuffer(header);
    return target == null
        ? RecordAddress.NONE
        : finishAppend(target, target.append(header, hash, key, stored), header);
  }

  /** Leaves room for a TAIL record, so that what is carried out of any extent fits another. */
  private @Nullable ExtentBuffer ordinaryBuffer(RecordLayout.Header header) {
    return bufferWithRoom(
        2, header.recordBytes() + RecordLayout.HEADER_BYTES, RESERVED_EXTENTS + 1);
  }

  /** Appends the record that ends the log before a sequence; may use the reserve. */
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

  /** Copies a record of another extent to the end; may use the reserve. */
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
      // the record is in the buffer; it is sent with the next, or when the extent is sealed
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
    ExtentBuffer fresh = table.canOpen(syncedSequence) ? freeBuffer() : null;
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

  /** Whether a record can't be appended, however long one waits, unless an extent is freed. */
  boolean isFull(long recordBytes) {
    ExtentBuffer current = openBuffer;
    return table.cleanCount() == 0 && (current == null || !current.hasRoom(1, recordBytes));
  }

  private @Nullable ExtentBuffer freeBuffer() {
    for (ExtentBuffer buffer : buffers) {
      if (buffer != openBuffer && (!buffer.isUsed() || buffer.tryRelease())) {
        return buffer;
      }
    }
    return null;
  }

  /** Ends the log for now: the open extent gets its directory, unless it is the reserve. */
  public void sealUnlessReserve() {
    writeClockIfNeeded();
    if (!isReserveOpen()) {
      sealOpen();
    }
  }

  /** Whether the last clean extent is in use, which holds nothing but copies then. */
  private boolean isReserveOpen() {
    return table.cleanCount() < RESERVED_EXTENTS;
  }

  /** Ends the open extent, if there is one. */
  void sealOpen() {
    ExtentBuffer current = openBuffer;
    if (current != null) {
      current.seal();
      table.seal(current.sequence(), current.latestExpiryNanos());
      openBuffer = null;
    }
  }

  /**
   * Sends all there is, but not the reserve: what it holds stands in the oldest extent, too, and
   * the end of its last block is needed.
   */
  public void writeAll() {
    writeClockIfNeeded();
    if (!isReserveOpen() && openBuffer != null && !openBuffer.writeAll()) {
      sealOpen();
    }
  }

  /**
   * Whether writes are under way.
   *
   * @return false if all have ended, well or not
   */
  public boolean isInFlight() {
    return buffers.stream().anyMatch(ExtentBuffer::isInFlight);
  }

  /**
   * A write that failed and was not repeated with success yet.
   *
   * @return the first, or null
   */
  public IoResult.@Nullable Failed failure() {
    for (ExtentBuffer buffer : buffers) {
      IoResult.Failed failure = buffer.failure();
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  /**
   * Sends again what was sent of extents that are not synced.
   *
   * @return those of them that no buffer holds any more
   */
  List<Long> rewriteUnsynced() {
    List<Long> absent = new ArrayList<>();
    for (long s = Math.max(table.oldest(), syncedSequence + 1); s < table.next(); s++) {
      absent.add(s);
    }
    for (ExtentBuffer buffer : buffers) {
      if (buffer.isUsed() && absent.remove(Long.valueOf(buffer.sequence()))) {
        buffer.rewrite();
      }
    }
    return absent;
  }

  /** Waits, without the history lock, until no write is under way. */
  void awaitWrites() {
    for (long seen = changes.version(); isInFlight(); seen = changes.version()) {
      if (isInFlight()) {
        changes.await(seen);
      }
    }
  }

  /** Repeats the writes that failed. */
  public void retry() {
    buffers.forEach(ExtentBuffer::retry);
  }

  /**
   * Says in the newest extents' headers that all is synced up to the newest, as a later header
   * would. Nothing may be open or unsynced. To be synced.
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
   * All extents up to one were synced; the next header says so.
   *
   * @param sequence of the newest of them
   */
  public void markSynced(long sequence) {
    syncedSequence = Math.max(syncedSequence, sequence);
  }

  /**
   * What {@link #markSynced} was told last.
   *
   * @return a sequence
   */
  public long syncedSequence() {
    return syncedSequence;
  }

  /**
   * The newest extent all of whose writes have ended well, as have those of all before it.
   *
   * @return its sequence
   */
  public long writtenSequence() {
    long written = openBuffer == null ? table.next() - 1 : table.next() - 2;
    for (ExtentBuffer buffer : buffers) {
      if (buffer != openBuffer && buffer.isUsed() && !buffer.isWritten()) {
        written = Math.min(written, buffer.sequence() - 1);
      }
    }
    return written;
  }

  /** The buffer that holds an extent now, entered for reading; null if it has been written. */
  @Nullable ExtentBuffer acquireForRead(long sequence) {
    for (ExtentBuffer buffer : buffers) {
      if (buffer.acquireForRead(sequence)) {
        return buffer;
      }
    }
    return null;
  }
}
