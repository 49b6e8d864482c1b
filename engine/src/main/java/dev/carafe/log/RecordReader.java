package dev.carafe.log;

import dev.carafe.base.Bits;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Reads records from the writer's buffers or from the file, and verifies them.
 *
 * <p>Proved by {@code DamageTest} and {@code RecordFuzzTest}.
 */
public final class RecordReader {
  /** Enough bytes for the header and the key of most records. */
  private static final long KEY_PART_BYTES = 256;

  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;

  /** The result of a read. */
  public sealed interface Outcome {
    /**
     * The record verifies and belongs to the key.
     *
     * @param header its header
     * @param recordOffset its offset in the target memory
     */
    record Found(RecordLayout.Header header, int recordOffset) implements Outcome {}

    /** The record does not verify: it is damaged, or was overwritten during the read. */
    record Unverified() implements Outcome {}

    /** The record belongs to another key with the same hash. */
    record OtherKey() implements Outcome {}

    /**
     * The device failed to read.
     *
     * @param message its error message
     */
    record DeviceFailed(String message) implements Outcome {}
  }

  /**
   * Creates a reader of a log.
   *
   * @param file the log's file
   * @param table the states of its extents
   * @param writer holds unwritten records in its buffers
   */
  public RecordReader(LogFile file, ExtentTable table, LogWriter writer) {
    this.file = file;
    this.table = table;
    this.writer = writer;
  }

  /**
   * The sequence of the extent that now lies in the record's slot.
   *
   * @param address of a record
   * @return its sequence, negative if the slot is clean
   */
  public long sequenceOf(long address) {
    return table.sequenceAt(RecordAddress.slot(address));
  }

  /**
   * The memory that {@link #read} needs.
   *
   * @param address of a record
   * @return bytes, a multiple of the device's alignment
   */
  public int windowBytes(long address) {
    return windowBytes(address, RecordAddress.recordBytes(address));
  }

  private int windowBytes(long address, long bytes) {
    long align = file.device().alignmentBytes();
    long offset = RecordAddress.offset(address);
    return (int) (Bits.roundUp(offset + bytes, align) - Bits.roundDown(offset, align));
  }

  private static long keyPartBytes(long address) {
    return Math.min(KEY_PART_BYTES, RecordAddress.recordBytes(address));
  }

  /**
   * The memory that {@link #readKey} needs.
   *
   * @param address of a record
   * @return bytes, a multiple of the device's alignment
   */
  public int keyWindowBytes(long address) {
    return windowBytes(address, keyPartBytes(address));
  }

  /**
   * Reads only the header and the key of a record. The checksum also covers the value and is not
   * checked; the key's hash identifies the key.
   *
   * @param address of the record
   * @param sequence of its extent when the address was looked up
   * @param hash of the key
   * @param target as long as {@link #keyWindowBytes} says, aligned as the device needs
   * @return the record's header and offset; null if the first bytes do not show them
   */
  public Outcome.@Nullable Found readKey(
      long address, long sequence, KeyHash hash, MemorySegment target) {
    if (fetch(address, sequence, keyPartBytes(address), target) != null) {
      return null;
    }
    long offset = RecordAddress.offset(address);
    long at = offset - Bits.roundDown(offset, file.device().alignmentBytes());
    RecordLayout.Header header = RecordLayout.read(target, at);
    long recordBytes = RecordAddress.recordBytes(address);
    long keyAt = at + RecordLayout.HEADER_BYTES;
    boolean valid =
        RecordLayout.isPlausible(header, recordBytes)
            && header.recordBytes() == recordBytes
            && header.kind() == RecordLayout.VALUE
            && keyAt + header.keyBytes() <= at + keyPartBytes(address)
            && file.hashOf(target.asSlice(keyAt, header.keyBytes())).equals(hash)
            && sequenceOf(address) == sequence;
    return valid
        ? new Outcome.Found(table.clock().withLocalExpiry(header, sequence, offset), (int) at)
        : null;
  }

  /**
   * Reads a record.
   *
   * @param address of the record
   * @param sequence of its extent when the address was looked up
   * @param key that the record must have; null for any key
   * @param target as long as {@link #windowBytes} says, aligned as the device needs
   * @return the result
   */
  public Outcome read(
      long address, long sequence, @Nullable MemorySegment key, MemorySegment target) {
    long salt = table.saltAt(RecordAddress.slot(address));
    if (sequenceOf(address) != sequence) {
      return new Outcome.Unverified(); // the slot was reused: the salt may be the next extent's
    }
    Outcome failure = fetch(address, sequence, RecordAddress.recordBytes(address), target);
    if (failure != null) {
      return failure;
    }
    long offset = RecordAddress.offset(address);
    long at = offset - Bits.roundDown(offset, file.device().alignmentBytes());
    return withLocalExpiry(verify(address, salt, key, target, at), sequence, offset);
  }

  /** Reads the first bytes of a record. Returns null, or the failure. */
  private @Nullable Outcome fetch(long address, long sequence, long bytes, MemorySegment target) {
    long offset = RecordAddress.offset(address);
    long windowStart = Bits.roundDown(offset, file.device().alignmentBytes());
    ExtentBuffer buffer = writer.buffers().acquireForRead(sequence);
    if (buffer != null) {
      try {
        MemorySegment.copy(buffer.memory(), offset, target, offset - windowStart, bytes);
      } finally {
        buffer.releaseAfterRead();
      }
      return null;
    }
    long extentOffset = file.geometry().extentOffset(RecordAddress.slot(address));
    IoResult result = file.read(target, extentOffset + windowStart);
    if (result instanceof IoResult.Failed(int errno, String message)) {
      return new Outcome.DeviceFailed(message);
    }
    return result instanceof IoResult.Short ? new Outcome.Unverified() : null; // Short: truncated
  }

  /**
   * A read that the caller submits.
   *
   * @param sequence of the record's extent
   * @param salt of the record's extent
   * @param op the operation to submit and to wait for; null if the bytes were copied from a buffer
   */
  public record ReadRequest(long sequence, long salt, @Nullable IoOp op) {}

  /**
   * Begins a read that the caller submits, so that many reads can be in flight at once.
   *
   * @param address of the record
   * @param sequence of its extent when the address was looked up
   * @param target as long as {@link #windowBytes} says, aligned as the device needs
   * @return the read; null if the slot was reused since the address was looked up
   */
  public @Nullable ReadRequest beginRead(long address, long sequence, MemorySegment target) {
    long offset = RecordAddress.offset(address);
    long windowStart = Bits.roundDown(offset, file.device().alignmentBytes());
    long salt = table.saltAt(RecordAddress.slot(address));
    if (sequenceOf(address) != sequence) {
      return null;
    }
    ExtentBuffer buffer = writer.buffers().acquireForRead(sequence);
    if (buffer == null) {
      long extentOffset = file.geometry().extentOffset(RecordAddress.slot(address));
      file.bytesRead().add(target.byteSize());
      return new ReadRequest(sequence, salt, IoOp.read(target, extentOffset + windowStart));
    }
    try {
      MemorySegment.copy(
          buffer.memory(),
          offset,
          target,
          offset - windowStart,
          RecordAddress.recordBytes(address));
    } finally {
      buffer.releaseAfterRead();
    }
    return new ReadRequest(sequence, salt, null);
  }

  /**
   * Ends a read whose operation, if it has one, has completed.
   *
   * @param request the result of {@link #beginRead}
   * @param address of the record
   * @param key that the record must have
   * @param target the memory that was passed to {@link #beginRead}
   * @return the result
   */
  public Outcome endRead(
      ReadRequest request, long address, MemorySegment key, MemorySegment target) {
    IoResult result = request.op() == null ? null : request.op().result();
    if (result instanceof IoResult.Failed(int errno, String message)) {
      return new Outcome.DeviceFailed(message);
    }
    if (result instanceof IoResult.Short) {
      return new Outcome.Unverified();
    }
    long offset = RecordAddress.offset(address);
    long at = offset - Bits.roundDown(offset, file.device().alignmentBytes());
    return withLocalExpiry(
        verify(address, request.salt(), key, target, at), request.sequence(), offset);
  }

  /** Converts the expiry time to the local clock. */
  private Outcome withLocalExpiry(Outcome outcome, long sequence, long offset) {
    return outcome instanceof Outcome.Found(RecordLayout.Header header, int at)
        ? new Outcome.Found(table.clock().withLocalExpiry(header, sequence, offset), at)
        : outcome;
  }

  private Outcome verify(
      long address, long salt, @Nullable MemorySegment key, MemorySegment target, long at) {
    RecordLayout.Header header = RecordLayout.read(target, at);
    boolean valid =
        RecordLayout.isPlausible(header, target.byteSize() - at)
            && header.recordBytes() == RecordAddress.recordBytes(address)
            && header.kind() == RecordLayout.VALUE
            && RecordLayout.verifies(target, at, header, salt);
    if (!valid) {
      return new Outcome.Unverified();
    }
    MemorySegment stored = target.asSlice(at + RecordLayout.HEADER_BYTES, header.keyBytes());
    return key == null || stored.mismatch(key) == -1
        ? new Outcome.Found(header, (int) at)
        : new Outcome.OtherKey();
  }
}
