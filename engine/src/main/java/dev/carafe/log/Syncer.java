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
 * Syncs the file, and the only one to do so once it is open.
 *
 * <p>Linux tells of a failed write-back once, to one caller, and gives the pages up: the next sync
 * succeeds without them. So one syncs at a time, and after a sync that failed all that was written
 * since the last good one is written again before the next: from the extents' buffers as far as
 * they still hold it, else from what the file says now, if it verifies. If it does not, the
 * extent's directory says so, and the cache is told: what is missing may have overwritten or
 * removed what stands before it, so all the file has is given up rather than be stale (contract D2,
 * R1, R2).
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
   * Nothing is suspect: recovery has synced.
   *
   * @param log to sync
   * @param discardAll run under the history lock: nothing that the file has counts any more
   */
  public Syncer(Log log, Runnable discardAll) {
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.history = log.history();
    this.discardAll = discardAll;
  }

  /**
   * Syncs; what was written whole before is called synced then.
   *
   * @return how it ended
   */
  public IoResult run() {
    return run(() -> {});
  }

  /**
   * Syncs what is written whole, and what is written now.
   *
   * @param before writes what is in no extent's buffer; run again if the sync is repeated
   * @return how it ended
   * @throws DeviceException of what is run before
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
   * Like {@link #run(Runnable)}.
   *
   * @param before writes what is in no extent's buffer; run again if the sync is repeated
   * @throws DeviceException if it does not end well
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
    writer.awaitWrites();
    IoResult.Failed failure = writer.failure();
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

  /** An extent that is unsynced can't be freed and opened again, so it is what it was. */
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
   * What recovery takes for one CLEAR, and not for the end of the log: history goes on after it.
   * The records stay as they are, for some may have been flushed; should the directory not land,
   * the log ends after those. Nothing was flushed if even the header is lost; then an earlier lap's
   * may stand there again, by which recovery would take the extent for no part of the log.
   */
  private IoResult replaceWithClear(long sequence, MemorySegment extent, long salt, long at) {
    IoResult header = new IoResult.Done(0);
    if (!hasHeader(sequence, extent, salt)) {
      ExtentHeaderLayout.write(extent, file.fileId(), new ExtentHeader(sequence, 0, salt));
      header = write(extent.asSlice(0, FormatVersion.BLOCK_BYTES), at);
    }
    ExtentScanner nothing = new ExtentScanner();
    nothing.replaceWithClear();
    nothing.writeDirectory(extent, file.fileId(), sequence, salt);
    long from = DirectoryLayout.startOf(extent.byteSize(), nothing.count());
    IoResult directory = write(extent.asSlice(from), at + from);
    return header.isDone() ? directory : header;
  }

  private boolean hasHeader(long sequence, MemorySegment extent, long salt) {
    ExtentHeader header = ExtentHeaderLayout.read(extent, file.fileId());
    return header != null && header.sequence() == sequence && header.salt() == salt;
  }

  private IoResult reportLoss(long at) {
    String words = "what was written to the extent at byte " + at + " is gone after a failed sync";
    LOG.log(Level.ERROR, file.path() + ": " + words + "; all that the file has is given up");
    history.lock();
    try {
      discardAll.run();
    } finally {
      history.unlock();
    }
    lossCount.getAndIncrement();
    return new IoResult.Failed(0, words);
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
   * How often something written was lost: whoever has seen another number before can't call durable
   * what it has seen written.
   *
   * @return a number that only grows
   */
  public long lossCount() {
    return lossCount.get();
  }

  /**
   * Memory that is taken while extents are written again from the file.
   *
   * @return its bytes, 0 but for then
   */
  public long scratchBytes() {
    return scratchBytes;
  }
}
