package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.device.IoOp;
import dev.carafe.device.IoResult;
import dev.carafe.device.NativeMemory;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.ExtentHeaderLayout;
import dev.carafe.log.format.ExtentHeaderLayout.ExtentHeader;
import dev.carafe.log.format.FormatVersion;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Syncs the file. After opening, only this class does.
 *
 * <p>Linux reports a failed write-back once, to one caller, and drops the dirty pages: the next
 * sync succeeds without them. Syncs therefore run one at a time. After a failed sync, all data
 * written since the last successful sync is written again before the next sync. The source is the
 * extent's buffer, or the extent as the file now returns it if it is whole. An extent that is not
 * whole gets a directory that holds a CLEAR, and all records of the file are dropped, because a
 * missing record may have overwritten or removed older ones (contract D2, R1, R2).
 *
 * <p>Proved by {@code SimCrashTest} and {@code LostPagesTest}.
 */
public final class Syncer {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final ReentrantLock history;
  private final Runnable discardAll;

  /** One sync at a time; taken before the history lock, never under it. */
  private final ReentrantLock syncLock = new ReentrantLock();

  private final Set<Long> lostSequences = new HashSet<>(); // guarded by syncLock
  private boolean rewriteNeeded; // guarded by syncLock
  private final AtomicLong lossCount = new AtomicLong();
  private volatile long scratchBytes;

  /**
   * Creates a syncer after recovery has synced the file.
   *
   * @param log the log
   * @param discardAll drops all records of the file; runs under the history lock
   */
  public Syncer(Log log, Runnable discardAll) {
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.history = log.history();
    this.discardAll = discardAll;
  }

  /**
   * Syncs, and marks the extents as synced that were written completely before.
   *
   * @return the result
   */
  public IoResult run() {
    return run(() -> {});
  }

  /**
   * Runs further writes, then syncs as {@link #run()} does.
   *
   * @param before writes data that is in no extent's buffer; runs again if the sync is repeated
   * @return the result
   * @throws DeviceException if {@code before} throws it
   */
  public IoResult run(Runnable before) {
    syncLock.lock();
    try {
      long losses = lossCount.get();
      IoResult first = attempt(before);
      return first.isDone() || losses != lossCount.get() ? first : attempt(before);
    } finally {
      syncLock.unlock();
    }
  }

  /**
   * Runs further writes, then syncs, as {@link #run(Runnable)} does.
   *
   * @param before writes data that is in no extent's buffer; runs again if the sync is repeated
   * @throws DeviceException if the sync fails
   */
  public void runOrThrow(Runnable before) {
    LogFile.orThrow("fdatasync", file.path(), run(before));
  }

  private IoResult attempt(Runnable before) {
    IoResult again = rewriteNeeded ? rewriteUnsynced() : new IoResult.Done(0);
    if (!again.isDone()) {
      return again;
    }
    before.run();
    long written;
    history.lock();
    try {
      written = writer.writtenSequence();
    } finally {
      history.unlock();
    }
    rewriteNeeded = true; // also if the device throws: the sync may have failed before that
    IoResult result = file.device().run(IoOp.sync());
    rewriteNeeded = !result.isDone();
    if (!rewriteNeeded) {
      lostSequences.clear();
      history.lock();
      try {
        writer.markSynced(written);
      } finally {
        history.unlock();
      }
    }
    return result;
  }

  private IoResult rewriteUnsynced() {
    List<Long> absent;
    history.lock();
    try {
      absent = writer.rewriteUnsynced();
    } finally {
      history.unlock();
    }
    writer.buffers().awaitWrites();
    IoResult.Failed failure = writer.buffers().failure();
    if (failure != null) {
      return failure;
    }
    return absent.isEmpty() ? new IoResult.Done(0) : rewriteFromFile(absent);
  }

  private IoResult rewriteFromFile(List<Long> sequences) {
    IoResult result = new IoResult.Done(0);
    long bytes = file.geometry().extentBytes();
    NativeMemory memory = NativeMemory.map(bytes, false);
    scratchBytes = bytes;
    try {
      for (long sequence : sequences) {
        IoResult one = rewriteExtent(sequence, memory.segment());
        result = result.isDone() ? one : result;
      }
      return result;
    } finally {
      scratchBytes = 0;
      memory.close();
    }
  }

  /** Writes an extent again. An unsynced extent can't be freed, so its slot still holds it. */
  private IoResult rewriteExtent(long sequence, MemorySegment extent) {
    int slot = file.geometry().slotOf(sequence);
    long at = file.geometry().extentOffset(slot);
    IoResult read = file.read(extent, at);
    if (!read.isDone()) {
      return read;
    }
    long salt = table.saltAt(slot);
    boolean whole = isWhole(sequence, extent, salt);
    IoResult written = whole ? write(extent, at) : replaceWithClear(sequence, extent, salt, at);
    return whole || !lostSequences.add(sequence) ? written : reportLoss(at);
  }

  private IoResult write(MemorySegment bytes, long at) {
    file.bytesWritten().getAndAdd(bytes.byteSize());
    return file.device().run(IoOp.write(bytes, at));
  }

  /**
   * Writes a directory with a single CLEAR, so that recovery continues with the extents after this
   * one. The records stay unchanged, because some may have been flushed; if the directory is not
   * written, the log ends after them. If the header is lost too, no record was flushed. The slot
   * may then have the header of an earlier lap of the ring, and recovery would ignore the extent.
   * Therefore a new header is written.
   */
  private IoResult replaceWithClear(long sequence, MemorySegment extent, long salt, long at) {
    IoResult header = new IoResult.Done(0);
    if (!hasHeader(sequence, extent, salt)) {
      ExtentHeaderLayout.write(extent, file.fileId(), new ExtentHeader(sequence, 0, salt));
      header = write(extent.asSlice(0, FormatVersion.BLOCK_BYTES), at);
    }
    ExtentScanner clear = new ExtentScanner();
    clear.replaceWithClear();
    clear.writeDirectory(extent, file.fileId(), sequence, salt);
    long from = DirectoryLayout.startOf(extent.byteSize(), clear.count());
    IoResult directory = write(extent.asSlice(from), at + from);
    return header.isDone() ? directory : header;
  }

  private boolean hasHeader(long sequence, MemorySegment extent, long salt) {
    ExtentHeader header = ExtentHeaderLayout.read(extent, file.fileId());
    return header != null && header.sequence() == sequence && header.salt() == salt;
  }

  private IoResult reportLoss(long at) {
    String loss = "data of the extent at byte " + at + " was lost by a failed sync";
    LOG.log(Level.ERROR, file.path() + ": " + loss + "; all records of the file are dropped");
    history.lock();
    try {
      discardAll.run();
    } finally {
      history.unlock();
    }
    lossCount.getAndIncrement();
    return new IoResult.Failed(0, loss);
  }

  private boolean isWhole(long sequence, MemorySegment extent, long salt) {
    SealedExtent sealed = SealedExtent.in(extent, file, sequence, salt);
    if (sealed == null || !hasHeader(sequence, extent, salt)) {
      return false;
    }
    ExtentScanner scanner = new ExtentScanner();
    scanner.scan(extent, file, salt);
    return sealed.isWhole(scanner);
  }

  /**
   * The number of times that written data was lost. If the number has changed since a caller's
   * writes, the caller must not report them as durable.
   *
   * @return a number that never decreases
   */
  public long lossCount() {
    return lossCount.get();
  }

  /**
   * The memory used while extents are written again from the file.
   *
   * @return its bytes, 0 at other times
   */
  public long scratchBytes() {
    return scratchBytes;
  }
}
