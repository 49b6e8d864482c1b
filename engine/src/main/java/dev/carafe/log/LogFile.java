package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.base.Counter;
import dev.carafe.base.SipHash;
import dev.carafe.device.Device;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The file of a log: its device, its geometry and its identity. Thread-safe.
 *
 * <p>Geometry and header change together, under the history lock, when the capacity changes while
 * the file is open. The length of the extents and the identity stay.
 */
public final class LogFile {
  private final Path path;
  private final Device device;
  private final Counter bytesRead;
  private final AtomicLong bytesWritten;
  private final AtomicLong valuesBuffered;
  private volatile Layout layout;

  private record Layout(Geometry geometry, FileHeader header) {}

  /**
   * Creates the file of a log.
   *
   * @param path for messages
   * @param device reads and writes the file
   * @param geometry the division of the file into extents
   * @param header the content of its first block
   * @param bytesRead counts the bytes read
   * @param bytesWritten counts the bytes written
   * @param valuesBuffered counts appended values whose write has not succeeded yet
   */
  public LogFile(
      Path path,
      Device device,
      Geometry geometry,
      FileHeader header,
      Counter bytesRead,
      AtomicLong bytesWritten,
      AtomicLong valuesBuffered) {
    this.path = path;
    this.device = device;
    this.layout = new Layout(geometry, header);
    this.bytesRead = bytesRead;
    this.bytesWritten = bytesWritten;
    this.valuesBuffered = valuesBuffered;
  }

  /**
   * The path of the file.
   *
   * @return for messages
   */
  public Path path() {
    return path;
  }

  /**
   * The device.
   *
   * @return reads and writes the file
   */
  public Device device() {
    return device;
  }

  /**
   * The division of the file into extents.
   *
   * @return the present one
   */
  public Geometry geometry() {
    return layout.geometry();
  }

  /**
   * The content of the file's first block.
   *
   * @return the present one
   */
  public FileHeader header() {
    return layout.header();
  }

  /** Under the history lock: adopts another capacity, whose header is in the file. */
  void adopt(Geometry geometry, FileHeader header) {
    layout = new Layout(geometry, header);
  }

  /**
   * The bytes read from the file.
   *
   * @return a counter
   */
  public Counter bytesRead() {
    return bytesRead;
  }

  /**
   * The bytes written to the file.
   *
   * @return a counter
   */
  public AtomicLong bytesWritten() {
    return bytesWritten;
  }

  /**
   * The appended values whose write has not succeeded yet.
   *
   * @return a counter
   */
  public AtomicLong valuesBuffered() {
    return valuesBuffered;
  }

  /**
   * Creates the file of a log, with counters of its own.
   *
   * @param path for messages
   * @param device reads and writes the file
   * @param geometry the division of the file into extents
   * @param header the content of its first block
   */
  LogFile(Path path, Device device, Geometry geometry, FileHeader header) {
    this(path, device, geometry, header, new Counter(), new AtomicLong(), new AtomicLong());
  }

  /**
   * The identity of the file. It salts extent headers and directories.
   *
   * @return random bits from the file header
   */
  public long fileId() {
    return header().fileId();
  }

  /**
   * The keyed hash of a key. An attacker can't choose keys that collide.
   *
   * @param key its bytes
   * @return SipHash-1-3 with the secret of the file header (contract S2)
   */
  public KeyHash hashOf(MemorySegment key) {
    return hashOf(key.toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * The keyed hash of a key in an array.
   *
   * @param key its bytes
   * @return SipHash-1-3 with the secret of the file header, and in a file of many caches the number
   *     with which the key begins
   */
  public KeyHash hashOf(byte[] key) {
    SipHash hash = new SipHash(header().hashSecret().first(), header().hashSecret().second());
    long[] second = {0};
    long first = hash.hash128(key, second);
    int cache = header().hasManyCaches() ? CacheNumber.of(MemorySegment.ofArray(key)) : 0;
    return KeyHash.ofWords(first, second[0], cache);
  }

  /**
   * Reads from the file and counts the bytes.
   *
   * @param target aligned as the device needs, filled whole
   * @param fileOffset aligned likewise
   * @return the result
   */
  public IoResult read(MemorySegment target, long fileOffset) {
    bytesRead.add(target.byteSize());
    return device.run(IoOp.read(target, fileOffset));
  }

  /**
   * Runs reads together and counts their bytes. Each has its result.
   *
   * @param reads aligned as the device needs
   */
  void readAll(List<IoOp> reads) {
    for (IoOp read : reads) {
      bytesRead.add(read.buffer().byteSize());
    }
    device.runAll(reads);
  }

  /**
   * Reads bytes that the file must have.
   *
   * @param target aligned as the device needs, filled whole
   * @param fileOffset aligned likewise
   * @throws DeviceException if the read fails
   */
  public void readOrThrow(MemorySegment target, long fileOffset) {
    orThrow("read", path, read(target, fileOffset));
  }

  /**
   * Writes to the file.
   *
   * @param source aligned as the device needs
   * @param fileOffset aligned likewise
   * @throws DeviceException if the write fails
   */
  public void writeOrThrow(MemorySegment source, long fileOffset) {
    bytesWritten.getAndAdd(source.byteSize());
    orThrow("write", path, device.run(IoOp.write(source, fileOffset)));
  }

  /**
   * Syncs the file during opening and recovery. Later only {@link Syncer} does.
   *
   * @throws DeviceException if the sync fails
   */
  public void syncOrThrow() {
    orThrow("fdatasync", path, device.run(IoOp.sync()));
  }

  /**
   * Zeros the header and the trailer of an extent, so that recovery finds no extent there. The
   * caller syncs.
   *
   * @param sequence of the extent
   * @param scratch a block or more, overwritten
   * @throws DeviceException if it can't be written
   */
  void wipeOrThrow(long sequence, MemorySegment scratch) {
    MemorySegment zeros = scratch.asSlice(0, FormatVersion.BLOCK_BYTES).fill((byte) 0);
    Geometry geometry = geometry();
    long first = geometry.extentOffset(geometry.slotOf(sequence));
    writeOrThrow(zeros, first + geometry.extentBytes() - FormatVersion.BLOCK_BYTES);
    writeOrThrow(zeros, first);
  }

  /** Wipes all extents from one sequence to another, and syncs if there are any. */
  void wipeOrThrow(long from, long to, MemorySegment scratch) {
    for (long sequence = from; sequence <= to; sequence++) {
      wipeOrThrow(sequence, scratch);
    }
    if (from <= to) {
      syncOrThrow();
    }
  }

  /** The oldest extent that the log can have if its newest extent is the given one. */
  long oldestPossible(long newest) {
    return Math.max(firstSequence(), newest - geometry().extentCount() + 1);
  }

  /** The oldest sequence that the header allows. */
  long firstSequence() {
    return Math.max(1, header().rings().firstSequence());
  }

  static void orThrow(String operation, Path path, IoResult result) {
    if (result instanceof IoResult.Short(int bytes, int expected)) {
      throw new DeviceException(
          operation, path, 0, "the file ends after " + bytes + " of " + expected + " bytes", null);
    }
    if (result instanceof IoResult.Failed(int errno, String message)) {
      throw new DeviceException(operation, path, errno, message, null);
    }
  }
}
