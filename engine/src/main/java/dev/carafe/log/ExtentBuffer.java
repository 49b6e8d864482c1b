package dev.carafe.log;

import dev.carafe.base.Bits;
import dev.carafe.device.IoOp;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;

/**
 * The memory of one extent, from its opening until all of it is written.
 *
 * <p>The writer fills it under the history lock. Readers copy from it between {@link
 * #acquireForRead} and {@link #releaseAfterRead}. It takes another extent only after all writes
 * have succeeded and while no reader holds it. Failed writes are kept and repeated.
 *
 * <p>Proved by {@code SimCrashTest} and {@code SimEngineTest}.
 */
final class ExtentBuffer {
  private static final long NO_SEQUENCE = -1;

  private final LogFile file;
  private final MemorySegment memory;
  private final BufferedRecords records = new BufferedRecords();
  private long position;
  private long submittedTo;
  private boolean sealed;
  private long salt;

  private volatile long sequence = NO_SEQUENCE;
  private final BufferReaders readers;
  private final ExtentWrites writes;

  ExtentBuffer(LogFile file, EventCount changes, MemorySegment memory) {
    this.file = file;
    this.readers = new BufferReaders(changes);
    this.writes = new ExtentWrites(file, changes);
    this.memory = memory;
  }

  /** Begins an extent in this buffer. */
  void open(ExtentHeader header) {
    records.clear();
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

  /** Frees the buffer; no byte of its extent was submitted for writing. */
  void discard() {
    sequence = NO_SEQUENCE;
  }

  /** The offset of the next record. */
  long position() {
    return position;
  }

  long unsubmittedBytes() {
    return position - submittedTo;
  }

  long latestExpiryNanos() {
    return records.latestExpiryNanos();
  }

  boolean isUsed() {
    return sequence != NO_SEQUENCE;
  }

  /**
   * Continues an extent that a crash cut off after its last record. Recovery has zeroed the bytes
   * after that record.
   */
  void resume(long resumedSequence, long resumedSalt) {
    ExtentScanner found = new ExtentScanner();
    int slot = file.geometry().slotOf(resumedSequence);
    file.readOrThrow(memory, file.geometry().extentOffset(slot));
    found.scan(memory, file, resumedSalt);
    records.resume(found);
    position = found.endOffset();
    submittedTo = Bits.roundDown(position, FormatVersion.BLOCK_BYTES);
    sealed = false;
    salt = resumedSalt;
    sequence = resumedSequence;
  }

  /**
   * Whether this number of records, of this many bytes in total, fits with its directory entries.
   */
  boolean hasRoom(int more, long bytes) {
    long end = Bits.roundUp(position + bytes, FormatVersion.BLOCK_BYTES);
    return end <= DirectoryLayout.startOf(memory.byteSize(), records.count() + more);
  }

  /** Appends a record, for which there is room. Returns its offset. */
  long append(RecordLayout.Header header, KeyHash hash, MemorySegment key, MemorySegment stored) {
    long offset = position;
    RecordLayout.write(memory, offset, header, key, stored, salt);
    records.add(header, hash, offset);
    position = offset + header.recordBytes();
    if (header.kind() == RecordLayout.VALUE) {
      file.valuesBuffered().getAndIncrement();
    }
    return offset;
  }

  /** Appends a copy of another extent's record, for which there is room. Returns its offset. */
  long appendCopy(RecordLayout.Header header, KeyHash hash, MemorySegment from, long fromOffset) {
    long offset = position;
    MemorySegment.copy(from, fromOffset, memory, offset, header.recordBytes());
    RecordLayout.setExpiry(memory, offset, header);
    RecordLayout.writeChecksum(memory, offset, salt);
    records.addCopy(header, hash, offset);
    position = offset + header.recordBytes();
    return offset;
  }

  /** Writes the directory at the extent's end, and submits all that was not submitted yet. */
  void seal() {
    long end = Bits.roundUp(position, FormatVersion.BLOCK_BYTES);
    memory.asSlice(position, end - position).fill((byte) 0);
    DirectoryLayout.Trailer trailer =
        new DirectoryLayout.Trailer(sequence, records.count(), records.latestExpiryNanos(), salt);
    DirectoryLayout.write(memory, file.fileId(), trailer, records.entries());
    ExtentWrites.Write directory = newDirectoryWrite();
    writeTo(end);
    sealed = true; // no statement from here on throws
    directory.start();
  }

  /** Submits the full blocks if they have at least this many bytes. */
  void writeFullBlocks(long atLeastBytes) {
    long full = Bits.roundDown(position, FormatVersion.BLOCK_BYTES);
    if (full - submittedTo >= atLeastBytes) {
      writeTo(full);
    }
  }

  /**
   * Pads the last block, since a block is written only once, and submits all records. Returns false
   * if the padding does not fit; the caller then seals the extent.
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

  /**
   * Submits a write, or throws. After an exception the state is unchanged, and the next call
   * submits the same bytes.
   */
  private void writeTo(long to) {
    if (to > submittedTo) {
      int submittedBefore = records.submittedCount();
      boolean created = false;
      ExtentWrites.Write write;
      try {
        write = newWrite(submittedTo, to, records.submitUpTo(to));
        created = true;
      } finally {
        if (!created) {
          records.resetSubmitted(submittedBefore);
        }
      }
      submittedTo = to;
      write.start();
    }
  }

  private ExtentWrites.Write newWrite(long from, long to, int values) {
    long at = file.geometry().extentOffset(file.geometry().slotOf(sequence)) + from;
    return writes.of(IoOp.write(memory.asSlice(from, to - from), at), values);
  }

  private ExtentWrites.Write newDirectoryWrite() {
    return newWrite(
        DirectoryLayout.startOf(memory.byteSize(), records.count()), memory.byteSize(), 0);
  }

  /** Submits all submitted bytes again, because a failed sync may have lost them. */
  void rewrite() {
    if (submittedTo > 0) {
      newWrite(0, submittedTo, 0).start();
    }
    if (sealed) {
      newDirectoryWrite().start();
    }
  }

  /** Whether all of a sealed extent is written. */
  boolean isWritten() {
    return sealed && !writes.isInFlight() && writes.failure() == null;
  }

  /**
   * Frees a written buffer for another extent if no reader holds it. Otherwise the last reader
   * signals.
   */
  boolean tryRelease() {
    if (!isWritten()) {
      return false;
    }
    long held = sequence;
    sequence = NO_SEQUENCE;
    if (!readers.isEmpty()) {
      sequence = held;
      return false;
    }
    return true;
  }

  /** Begins a read of an extent's bytes; false if this buffer holds another extent. */
  boolean acquireForRead(long wantedSequence) {
    readers.enter();
    if (sequence == wantedSequence) {
      return true;
    }
    readers.exit();
    return false;
  }

  void releaseAfterRead() {
    readers.exit();
  }

  /** The writes of this buffer. */
  ExtentWrites writes() {
    return writes;
  }

  MemorySegment memory() {
    return memory;
  }
}
