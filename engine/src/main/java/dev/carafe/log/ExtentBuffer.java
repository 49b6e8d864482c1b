package dev.carafe.log;

import dev.carafe.base.Bits;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.KeyHashes;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An extent in memory, from its opening until all of it is written.
 *
 * <p>Filled under the history lock. Readers may copy from it as long as they hold it ({@link
 * #acquireForRead}); it is used for another extent only when all writes have ended well and no
 * reader is inside. Writes that failed are kept, to be repeated.
 *
 * <p>Proved by {@code SimCrashTest} and {@code SimEngineTest}.
 */
final class ExtentBuffer {
  private static final long NO_SEQUENCE = -1;

  private final LogFile file;
  private final MemorySegment memory;

  private KeyHashes records = new KeyHashes(64);

  /** Records whose last byte was sent: a prefix of all. */
  private int submittedRecords;

  /** Records that stand in an older extent, too, and were counted there. */
  private final BitSet copies = new BitSet();

  private long latestExpiryNanos;
  private long position;
  private long submittedTo;
  private boolean sealed;
  private long salt;

  private volatile long sequence = NO_SEQUENCE;
  private final AtomicInteger readers = new AtomicInteger();
  private final ExtentWrites writes;

  ExtentBuffer(LogFile file, EventCount changes, MemorySegment memory) {
    this.file = file;
    this.writes = new ExtentWrites(file, changes);
    this.memory = memory;
  }

  /** Begins an extent. */
  void open(ExtentHeader header) {
    records.clear();
    submittedRecords = 0;
    copies.clear();
    latestExpiryNanos = 0;
    position = FormatVersion.BLOCK_BYTES;
    submittedTo = 0;
    sealed = false;
    salt = header.salt();
    ExtentHeaderLayout.write(memory, file.fileId(), header);
    sequence = header.sequence();
  }

  long sequence() {
    return sequence;
  }

  /** Nothing of it was sent: it is free for another extent. */
  void discard() {
    sequence = NO_SEQUENCE;
  }

  /** Where the next record goes. */
  long position() {
    return position;
  }

  long latestExpiryNanos() {
    return latestExpiryNanos;
  }

  boolean isUsed() {
    return sequence != NO_SEQUENCE;
  }

  /**
   * Goes on with an extent that a crash cut off, after its last record; recovery made sure that
   * nothing stands behind that.
   */
  void resume(long resumedSequence, long resumedSalt) {
    ExtentScanner found = new ExtentScanner();
    int slot = file.geometry().slotOf(resumedSequence);
    file.readOrThrow(memory, file.geometry().extentOffset(slot));
    found.scan(memory, file, resumedSalt);
    records = new KeyHashes(found.records());
    submittedRecords = records.count();
    copies.clear();
    latestExpiryNanos = found.latestExpiryNanos();
    position = found.endOffset();
    submittedTo = Bits.roundDown(position, FormatVersion.BLOCK_BYTES);
    sealed = false;
    salt = resumedSalt;
    sequence = resumedSequence;
  }

  /** Whether so many more records, with so many bytes in all, and their directory entries fit. */
  boolean hasRoom(int more, long bytes) {
    long end = Bits.roundUp(position + bytes, FormatVersion.BLOCK_BYTES);
    return end <= DirectoryLayout.startOf(memory.byteSize(), records.count() + more);
  }

  /** Writes a record; there is room. Returns its offset. */
  long append(RecordLayout.Header header, KeyHash hash, MemorySegment key, MemorySegment stored) {
    long offset = position;
    RecordLayout.write(memory, offset, header, key, stored, salt);
    addEntry(header, hash, offset);
    if (header.kind() == RecordLayout.VALUE) {
      file.valuesBuffered().getAndIncrement();
    }
    return offset;
  }

  /** Copies a record of another extent; there is room. Returns its offset. */
  long appendCopy(RecordLayout.Header header, KeyHash hash, MemorySegment from, long fromOffset) {
    long offset = position;
    MemorySegment.copy(from, fromOffset, memory, offset, header.recordBytes());
    RecordLayout.setExpiry(memory, offset, header);
    RecordLayout.writeChecksum(memory, offset, salt);
    records.ensureRoom();
    copies.set(records.count());
    addEntry(header, hash, offset);
    return offset;
  }

  private void addEntry(RecordLayout.Header header, KeyHash hash, long offset) {
    long place = DirectoryLayout.place(header.kind(), offset, header.recordBytes());
    records.add(hash.first(), hash.check(), place);
    if (header.kind() == RecordLayout.VALUE) {
      latestExpiryNanos = Math.max(latestExpiryNanos, header.expiresAtNanos());
    }
    position = offset + header.recordBytes();
  }

  /** Ends the extent with its directory, and sends all of it. */
  void seal() {
    long end = Bits.roundUp(position, FormatVersion.BLOCK_BYTES);
    memory.asSlice(position, end - position).fill((byte) 0);
    DirectoryLayout.Trailer trailer =
        new DirectoryLayout.Trailer(sequence, records.count(), latestExpiryNanos, salt);
    DirectoryLayout.write(memory, file.fileId(), trailer, records);
    ExtentWrites.Write directory = newDirectoryWrite();
    writeTo(end);
    sealed = true; // nothing from here on throws
    directory.start();
  }

  /** Sends full blocks, once there are enough of them. */
  void writeFullBlocks(long atLeastBytes) {
    long full = Bits.roundDown(position, FormatVersion.BLOCK_BYTES);
    if (full - submittedTo >= atLeastBytes) {
      writeTo(full);
    }
  }

  /**
   * Ends the last block, which is not written again, and sends all there is; false if there is no
   * room for that but to seal the extent.
   */
  boolean writeAll() {
    long padding = RecordLayout.paddingBytes(position);
    if (position > submittedTo && padding > 0) {
      if (!hasRoom(1, padding)) {
        return false;
      }
      RecordLayout.writePadding(memory, position, padding, salt);
      position += padding;
    }
    writeTo(position);
    return true;
  }

  /** Either sends or throws; then nothing has changed, and the next call sends it as well. */
  private void writeTo(long to) {
    if (to > submittedTo) {
      int submittedBefore = submittedRecords;
      boolean described = false;
      ExtentWrites.Write write;
      try {
        write = newWrite(submittedTo, to, valuesUpTo(to));
        described = true;
      } finally {
        if (!described) {
          submittedRecords = submittedBefore;
        }
      }
      submittedTo = to;
      write.start();
    }
  }

  /** How many values of no older extent end before an offset, and were not sent yet. */
  private int valuesUpTo(long to) {
    int values = 0;
    for (;
        submittedRecords < records.count() && endOf(records.word(submittedRecords)) <= to;
        submittedRecords++) {
      boolean isNew = !copies.get(submittedRecords);
      if (isNew && DirectoryLayout.kind(records.word(submittedRecords)) == RecordLayout.VALUE) {
        values++;
      }
    }
    return values;
  }

  private static long endOf(long place) {
    return DirectoryLayout.offset(place) + DirectoryLayout.recordBytes(place);
  }

  private ExtentWrites.Write newWrite(long from, long to, int values) {
    long at = file.geometry().extentOffset(file.geometry().slotOf(sequence)) + from;
    return writes.of(IoOp.write(memory.asSlice(from, to - from), at), values);
  }

  private ExtentWrites.Write newDirectoryWrite() {
    return newWrite(
        DirectoryLayout.startOf(memory.byteSize(), records.count()), memory.byteSize(), 0);
  }

  /** Repeats the writes that failed. */
  void retry() {
    writes.retry();
  }

  /** Sends again all that was sent: a sync that failed may have lost it. */
  void rewrite() {
    if (submittedTo > 0) {
      newWrite(0, submittedTo, 0).start();
    }
    if (sealed) {
      newDirectoryWrite().start();
    }
  }

  boolean isInFlight() {
    return writes.isInFlight();
  }

  /** Why a write failed that was not repeated yet. */
  IoResult.@Nullable Failed failure() {
    return writes.failure();
  }

  /** Whether all of a sealed extent is written. */
  boolean isWritten() {
    return sealed && !isInFlight() && failure() == null;
  }

  /** Frees a written buffer for another extent, if no reader is inside. */
  boolean tryRelease() {
    if (!isWritten()) {
      return false;
    }
    long held = sequence;
    sequence = NO_SEQUENCE;
    if (readers.get() != 0) {
      sequence = held;
      return false;
    }
    return true;
  }

  /** Begins to read an extent's bytes, if this buffer still holds them. */
  boolean acquireForRead(long wantedSequence) {
    readers.getAndIncrement();
    if (sequence == wantedSequence) {
      return true;
    }
    readers.getAndDecrement();
    return false;
  }

  void releaseAfterRead() {
    readers.getAndDecrement();
  }

  MemorySegment memory() {
    return memory;
  }
}
