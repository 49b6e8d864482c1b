package dev.carafe.log;

import dev.carafe.base.Bits;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Brings a record's bytes from a buffer or from the file, and checks all of them.
 *
 * <p>Proved by {@code DamageTest} and {@code RecordFuzzTest}.
 */
public final class RecordReader {
  /** The header and the key of most records. */
  private static final long KEY_PART_BYTES = 256;

  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;

  /** What became of a read. */
  public sealed interface Outcome {
    /**
     * The record verifies and is the key's.
     *
     * @param header what it says
     * @param recordOffset where it begins in the memory that was read into
     */
    record Found(RecordLayout.Header header, int recordOffset) implements Outcome {}

    /** It does not verify: damaged, or overwritten while it was read. */
    record Unverified() implements Outcome {}

    /** It is another key's of the same hash. */
    record OtherKey() implements Outcome {}

    /**
     * The device failed.
     *
     * @param message what it said
     */
    record DeviceFailed(String message) implements Outcome {}
  }

  /**
   * Reads from a log.
   *
   * @param file the log's
   * @param table of its extents
   * @param writer whose buffers hold what is not written yet
   */
  public RecordReader(LogFile file, ExtentTable table, LogWriter writer) {
    this.file = file;
    this.table = table;
    this.writer = writer;
  }

  /**
   * Whose bytes the record's extent holds now.
   *
   * @param address of a record
   * @return the extent's sequence, negative if it is clean
   */
  public long sequenceOf(long address) {
    return table.sequenceAt(RecordAddress.slot(address));
  }

  /**
   * How much memory a read needs.
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
   * How much memory {@link #readKey} needs.
   *
   * @param address of a record
   * @return bytes, a multiple of the device's alignment
   */
  public int keyWindowBytes(long address) {
    return windowBytes(address, keyPartBytes(address));
  }

  /**
   * Reads the beginning of a record, for its key alone. The checksum is over the value too and is
   * not checked; that it is the key of this place is told by its hash.
   *
   * @param address where it lies
   * @param sequence whose bytes its extent held when the address was looked up
   * @param hash of the key
   * @param target as long as {@link #keyWindowBytes} says, aligned as the device needs
   * @return the record's header and where it begins; null if that can't be told from its beginning
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
   * @param address where it lies
   * @param sequence whose bytes its extent held when the address was looked up
   * @param key whose it must be; null for anybody's
   * @param target as long as {@link #windowBytes} says, aligned as the device needs
   * @return what became of it
   */
  public Outcome read(
      long address, long sequence, @Nullable MemorySegment key, MemorySegment target) {
    long salt = table.saltAt(RecordAddress.slot(address));
    if (sequenceOf(address) != sequence) {
      return new Outcome.Unverified(); // overtaken: the salt may be the next extent's
    }
    Outcome failure = fetch(address, sequence, RecordAddress.recordBytes(address), target);
    if (failure != null) {
      return failure;
    }
    long offset = RecordAddress.offset(address);
    long at = offset - Bits.roundDown(offset, file.device().alignmentBytes());
    return withLocalExpiry(verify(address, salt, key, target, at), sequence, offset);
  }

  /** Brings the first bytes of a record; null if they are there, else what became of it. */
  private @Nullable Outcome fetch(long address, long sequence, long bytes, MemorySegment target) {
    long offset = RecordAddress.offset(address);
    long windowStart = Bits.roundDown(offset, file.device().alignmentBytes());
    ExtentBuffer buffer = writer.acquireForRead(sequence);
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
    return switch (result) {
      case IoResult.Done done -> null;
      case IoResult.Short cut -> new Outcome.Unverified(); // the file was truncated
      case IoResult.Failed(int errno, String message) -> new Outcome.DeviceFailed(message);
    };
  }

  /**
   * A read that was begun.
   *
   * @param sequence of the extent that the record is in
   * @param salt of the same
   * @param op what is to be submitted and waited for; null if the bytes are there already
   */
  public record ReadRequest(long sequence, long salt, @Nullable IoOp op) {}

  /**
   * Begins a read that the caller submits, so that many can be under way at once.
   *
   * @param address where it lies
   * @param sequence whose bytes its extent held when the address was looked up
   * @param target as long as {@link #windowBytes} says, aligned as the device needs
   * @return null if the address was overtaken
   */
  public @Nullable ReadRequest beginRead(long address, long sequence, MemorySegment target) {
    long offset = RecordAddress.offset(address);
    long windowStart = Bits.roundDown(offset, file.device().alignmentBytes());
    long salt = table.saltAt(RecordAddress.slot(address));
    if (sequenceOf(address) != sequence) {
      return null;
    }
    ExtentBuffer buffer = writer.acquireForRead(sequence);
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
   * Ends a read whose op, if it has one, has ended.
   *
   * @param request what {@link #beginRead} returned
   * @param address where it lies
   * @param key whose it must be
   * @param target what was read into
   * @return what became of it
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

  /** The end is told by the clock of this opening. */
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
