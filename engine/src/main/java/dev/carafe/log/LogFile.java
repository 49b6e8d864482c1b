package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.base.Counter;
import dev.carafe.base.SipHash;
import dev.carafe.device.Device;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The file that a log is in: its device, how it is divided, and what tells it from others.
 *
 * @param path for messages
 * @param device reads and writes it
 * @param geometry how it is divided
 * @param header what its first block says
 * @param bytesRead counts
 * @param bytesWritten counts
 * @param valuesBuffered appended values whose write has not ended well yet
 */
public record LogFile(
    Path path,
    Device device,
    Geometry geometry,
    FileHeader header,
    Counter bytesRead,
    AtomicLong bytesWritten,
    AtomicLong valuesBuffered) {

  /**
   * What tells the file from others: salts extent headers and directories.
   *
   * @return random bits of its header
   */
  public long fileId() {
    return header.fileId();
  }

  /**
   * How the file knows a key: a keyed hash, whose collisions can't be chosen.
   *
   * @param key its bytes
   * @return of SipHash-1-3 with the secret of the file's header (contract S2)
   */
  public KeyHash hashOf(MemorySegment key) {
    return hashOf(key.toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * The same of bytes in an array.
   *
   * @param key its bytes
   * @return of SipHash-1-3 with the secret of the file's header
   */
  public KeyHash hashOf(byte[] key) {
    SipHash hash = new SipHash(header.hashSecret().first(), header.hashSecret().second());
    long[] second = {0};
    long first = hash.hash128(key, second);
    return KeyHash.ofWords(first, second[0]);
  }

  /**
   * Reads, and counts.
   *
   * @param target aligned as the device needs, filled whole
   * @param fileOffset aligned likewise
   * @return how it ended
   */
  public IoResult read(MemorySegment target, long fileOffset) {
    bytesRead.add(target.byteSize());
    return device.run(IoOp.read(target, fileOffset));
  }

  /**
   * Reads what must be there.
   *
   * @param target aligned as the device needs, filled whole
   * @param fileOffset aligned likewise
   * @throws DeviceException if it can't be read
   */
  public void readOrThrow(MemorySegment target, long fileOffset) {
    orThrow("read", path, read(target, fileOffset));
  }

  /**
   * Writes what must be written.
   *
   * @param source aligned as the device needs
   * @param fileOffset aligned likewise
   * @throws DeviceException if it can't be written
   */
  public void writeOrThrow(MemorySegment source, long fileOffset) {
    bytesWritten.getAndAdd(source.byteSize());
    orThrow("write", path, device.run(IoOp.write(source, fileOffset)));
  }

  /**
   * Syncs, while nobody else uses the file; later there is {@link Syncer}.
   *
   * @throws DeviceException if that is refused
   */
  public void syncOrThrow() {
    orThrow("fdatasync", path, device.run(IoOp.sync()));
  }

  /**
   * Makes an extent one that was never written. To be synced.
   *
   * @param sequence of the extent
   * @param scratch a block or more, overwritten
   * @throws DeviceException if it can't be written
   */
  void wipeOrThrow(long sequence, MemorySegment scratch) {
    MemorySegment zeros = scratch.asSlice(0, FormatVersion.BLOCK_BYTES).fill((byte) 0);
    long first = geometry.extentOffset(geometry.slotOf(sequence));
    writeOrThrow(zeros, first + geometry.extentBytes() - FormatVersion.BLOCK_BYTES);
    writeOrThrow(zeros, first);
  }

  /** The same of all extents from one to another, with a sync if there are any. */
  void wipeOrThrow(long from, long to, MemorySegment scratch) {
    for (long sequence = from; sequence <= to; sequence++) {
      wipeOrThrow(sequence, scratch);
    }
    if (from <= to) {
      syncOrThrow();
    }
  }

  /** The oldest extent that may count, if a given one is the newest. */
  long oldestPossible(long newest) {
    return Math.max(firstSequence(), newest - geometry.extentCount() + 1);
  }

  /** The log begins here or later. */
  long firstSequence() {
    return Math.max(1, header.rings().firstSequence());
  }

  static void orThrow(String operation, Path path, IoResult result) {
    switch (result) {
      case IoResult.Done done -> {}
      case IoResult.Short(int bytes, int expected) ->
          throw new DeviceException(
              operation,
              path,
              0,
              "the file ends after " + bytes + " of " + expected + " bytes",
              null);
      case IoResult.Failed(int errno, String message) ->
          throw new DeviceException(operation, path, errno, message, null);
    }
  }
}
