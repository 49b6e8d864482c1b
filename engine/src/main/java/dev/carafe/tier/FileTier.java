package dev.carafe.tier;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Overload;
import dev.carafe.base.Limits;
import dev.carafe.base.Structures;
import dev.carafe.base.Structures.Structure;
import dev.carafe.device.Device;
import dev.carafe.device.DeviceInfo;
import dev.carafe.log.Log;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values in the file: a log of records, and an index of where each key's newest one lies.
 *
 * <p>Thread-safe. What changes log and index happens under one lock, so that the order of the log
 * is the order of history (contract D3); reads take no lock. Callers that change one key at the
 * same time must agree among each other, as the cache does by its key locks.
 */
public final class FileTier implements AutoCloseable, Structure {
  private static final System.Logger LOG = System.getLogger("dev.carafe");
  private static final long OVERLOAD_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final FileTierOptions options;
  private final OpenLog open;
  private final Log log;
  private final ReentrantLock history;
  private final FileIndex index;
  private final FileCounters counters;
  private final Compressor compressor = new Compressor();
  private final Writeback writeback;
  private final LogMaintenance maintenance;
  private final FileReads reads;
  private final Flusher flusher;
  private volatile boolean closeStarted;
  private volatile boolean closed;

  private FileTier(FileTierOptions options, OpenLog open, FileIndex index, ChunkSource chunks) {
    this.options = options;
    this.open = open;
    this.log = open.log();
    this.history = log.history();
    this.index = index;
    this.counters = new FileCounters();
    counters.recovered.add(index.count() + open.damagedAtOpening()); // before the keeper reclaims
    counters.damaged.add(open.damagedAtOpening());
    this.writeback = new Writeback(options.dirtySource(), log);
    this.maintenance =
        new LogMaintenance(
            open,
            index,
            new ReclaimTracker(counters, options),
            writeback,
            this::removeAllFromIndex);
    this.reads = new FileReads(options, open, index, chunks, this::removeIfCurrent);
    this.flusher = new Flusher(log, maintenance);
    Structures.opened(this);
  }

  /**
   * Opens the file and recovers what it holds.
   *
   * @param options how it is kept
   * @param opener opens the device, given this tier's buffers to register with the chunks', those
   *     first that most transfers use
   * @param chunks where reads get their memory from
   * @return an open tier
   * @throws dev.carafe.CarafeException if the file can't be opened, or is not this cache's
   */
  public static FileTier open(
      FileTierOptions options, Function<List<MemorySegment>, Device> opener, ChunkSource chunks) {
    FileIndex index = new FileIndex();
    OpenLog open = null;
    try {
      open = OpenLog.open(options, opener, index, chunks.capacityBytes());
      return new FileTier(options, open, index, chunks);
    } catch (Throwable e) {
      OpenLog.giveUp(open, index);
      throw e;
    }
  }

  /** {@return how this file knows a key: a hash that differs from file to file} */
  public KeyHash hashOf(MemorySegment key) {
    return log.file().hashOf(key);
  }

  /** {@return whether there is a record of a key, be it expired or damaged} */
  public boolean contains(KeyHash hash) {
    return index.find(hash) != RecordAddress.NONE;
  }

  /**
   * Appends a value, which replaces what the key had.
   *
   * @param key whose value
   * @param value its bytes, kept by the caller during the call
   * @param expiresAtNanos nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   * @param overload whether to wait, for a bounded time, when the file can't follow; null neither
   *     waits nor counts, since the value is offered again
   * @return what became of it; unless it was stored, the key has what it had
   */
  public StoreResult put(
      FileKey key, MemorySegment value, long expiresAtNanos, @Nullable Overload overload) {
    Compressor.Compressed compressed =
        options.file().compression() == FileOptions.Compression.LZ4
            ? compressor.tryCompress(value)
            : null;
    try {
      MemorySegment stored = compressed == null ? value : compressed.bytes();
      RecordLayout.Header header =
          new RecordLayout.Header(
              RecordLayout.VALUE,
              compressed == null ? 0 : RecordLayout.FLAG_LZ4,
              (int) key.bytes().byteSize(),
              (int) stored.byteSize(),
              (int) value.byteSize(),
              expiresAtNanos);
      return put(header, key, stored, overload);
    } finally {
      if (compressed != null) {
        compressor.release(compressed);
      }
    }
  }

  private StoreResult put(
      RecordLayout.Header header, FileKey key, MemorySegment stored, @Nullable Overload overload) {
    if (key.bytes().byteSize() > Limits.MAX_KEY_BYTES || !log.writer().fits(header.recordBytes())) {
      counters.refusedTooLarge.increment();
      return StoreResult.TOO_LARGE;
    }
    if (tryPut(header, key, stored)) {
      return StoreResult.STORED;
    }
    if (overload == null) {
      return maintenance.failure() == null ? StoreResult.OVERLOADED : StoreResult.UNAVAILABLE;
    }
    maintenance.wake(); // once: it wakes all who wait, and they would wake each other for ever
    long remainingNanos =
        overload == Overload.WAIT && !maintenance.isMaintenanceThread() ? OVERLOAD_WAIT_NANOS : 0;
    for (; ; ) {
      long seen = log.changes().version();
      if (tryPut(header, key, stored)) {
        return StoreResult.STORED;
      }
      if (maintenance.failure() != null) {
        counters.refusedUnavailable.increment();
        return StoreResult.UNAVAILABLE;
      }
      if (remainingNanos <= 0) {
        counters.refusedOverload.increment();
        return StoreResult.OVERLOADED;
      }
      remainingNanos = log.changes().await(seen, remainingNanos);
    }
  }

  private boolean tryPut(RecordLayout.Header header, FileKey key, MemorySegment stored) {
    history.lock();
    try {
      if (!maintenance.appendBacklog()) {
        return false;
      }
      index.ensureRoom(key.hash()); // what follows the append must not fail
      long address = log.writer().tryAppend(header, key.hash(), key.bytes(), stored);
      if (address == RecordAddress.NONE) {
        return false;
      }
      log.table().markLive(address);
      long before = index.put(key.hash(), address);
      if (before != RecordAddress.NONE) {
        log.table().markDead(before);
        counters.replaced.increment();
      }
      counters.appended.increment();
      writeback.schedule();
      return true;
    } finally {
      history.unlock();
    }
  }

  /**
   * Removes a key: from the index, and by a tombstone in the log.
   *
   * @param key to be removed
   * @param wait whether to wait, for a bounded time, until the log has room for the tombstone
   * @return whether there was a record
   */
  public boolean remove(FileKey key, boolean wait) {
    boolean existed;
    history.lock();
    try {
      existed = index.find(key.hash()) != RecordAddress.NONE;
      if (!existed && !log.table().holdsUnindexedRecords()) {
        return false;
      }
      maintenance.addTombstone(key); // first: should the heap be full, the record is there still
      long before = index.remove(key.hash());
      if (before != RecordAddress.NONE) {
        log.table().markDead(before);
        counters.removed.increment();
      }
      var _ = maintenance.appendBacklog();
    } finally {
      history.unlock();
    }
    if (wait) {
      maintenance.awaitBacklog();
    }
    return existed;
  }

  /** A key's record has expired, as the caller knows: nobody will look for it any more. */
  public void removeExpired(FileKey key) {
    history.lock();
    try {
      long before = index.remove(key.hash());
      if (before != RecordAddress.NONE) {
        log.table().markDead(before);
        counters.expired.increment();
      }
    } finally {
      history.unlock();
    }
  }

  /** The wall clock leads by so much over what it was set to when the cache was opened (R6). */
  public void setWallClockLead(long nanos) {
    history.lock();
    try {
      log.table().clock().setLead(nanos);
    } finally {
      history.unlock();
    }
    writeback.schedule();
  }

  /** Memory has a value that the file is to have in time ({@link DirtySource}). */
  public void scheduleWriteback() {
    writeback.schedule();
  }

  /** Frees the oldest extents now, as far as all of their records have expired. */
  public void reclaimExpired() {
    maintenance.reclaimExpired();
  }

  /** Under the history lock: nothing is live any more. */
  private void removeAllFromIndex() {
    counters.removed.add(index.count());
    index.clear();
    log.table().markAllDead();
  }

  /** A record turned out damaged or expired: it is no longer live, if it still lies there. */
  private boolean removeIfCurrent(KeyHash hash, long address, boolean damaged) {
    history.lock();
    try {
      if (!RecordAddress.isSameRecord(index.find(hash), address)) {
        return false;
      }
      var _ = index.remove(hash);
      log.table().discardRecord(address, damaged); // what is damaged now may verify another time
      (damaged ? counters.damaged : counters.expired).increment();
      return true;
    } finally {
      history.unlock();
    }
  }

  /** {@return a key's value, to be closed; null if there is none, or it can't be read} */
  public @Nullable FileValue read(FileKey key) {
    return reads.read(key);
  }

  /** {@return a read to be {@linkplain #submit submitted}; null if there is no such key} */
  public @Nullable FileRead beginRead(FileKey key) {
    return reads.begin(key);
  }

  /** Submits reads; {@code arrived} is told of each, and must not block; null: they are awaited. */
  public void submit(List<FileRead> submitted, @Nullable Consumer<FileRead> onCompletion) {
    reads.submit(submitted, onCompletion);
  }

  /** Waits for a submitted read, to be taken or abandoned then. */
  public void await(FileRead read) {
    reads.await(read);
  }

  /** Visits the keys of live records, as they are when their turn comes. */
  public void forEachKey(KeyVisitor visitor) {
    reads.forEachKey(visitor);
  }

  /**
   * Removes all keys. Durable with the next flush, as every change is.
   *
   * @throws DeviceException if the file can't be written, and what it holds could come back
   */
  public void clear() {
    history.lock();
    try {
      removeAllFromIndex();
      maintenance.addClear();
      var _ = maintenance.appendBacklog();
    } finally {
      history.unlock();
    }
    maintenance.awaitBacklog();
  }

  /** Makes all that was stored and removed before survive a power cut (D2), or throws. */
  public void flush() {
    flusher.flush();
  }

  /** Repeats failed writes now and waits for them; how they end is seen later. */
  public void retryFailedWrites() {
    maintenance.retryFailedWrites();
  }

  /** {@return why a change can't be made durable, to be thrown} */
  public DeviceException unavailable(String operation) {
    return flusher.unavailable(operation);
  }

  /** {@return what the application said should happen when the file can't follow} */
  public Overload overload() {
    return options.file().overload();
  }

  /** Ends the log with a directory, syncs, and gives the file back. What can't be is logged. */
  @Override
  public void close() {
    if (closeStarted) {
      return;
    }
    closeStarted = true;
    if (!maintenance.stop()) {
      return; // what its thread still uses is kept
    }
    Structures.closing(this);
    try {
      history.lock();
      try {
        log.writer().sealUnlessReserve();
      } finally {
        history.unlock();
      }
      flusher.flushAtClose(open.reclaimBuffer());
    } catch (DeviceException e) {
      LOG.log(Level.WARNING, "what was not flushed is lost: " + e.getMessage());
    } finally {
      closed = true;
      open.close();
      compressor.close();
      index.close();
    }
  }

  /** {@return how many records are live} */
  public long recordCount() {
    return index.count();
  }

  /** {@return the largest value that surely fits an extent with a key of up to 1 KiB, in bytes} */
  public int maxValueBytes() {
    return log.file().geometry().maxValueBytes();
  }

  /** {@return the counters, all as they are at one moment} */
  public FileStats stats() {
    history.lock();
    try {
      return counters.snapshot(log.file(), index.count());
    } finally {
      history.unlock();
    }
  }

  /** {@return how the file is read and written} */
  public DeviceInfo deviceInfo() {
    return log.file().device().info();
  }

  /** {@return why the file can't be written now, null if all is well} */
  public @Nullable Degraded degraded() {
    return maintenance.degraded();
  }

  /** {@return the bytes of the memory that this takes besides the chunks, tag by tag} */
  public Map<String, Long> memoryBytes() {
    return closed ? Map.of() : open.memoryBytes(index, compressor, maintenance.syncer());
  }

  /** Checks table, index, read buffers and the sum of the counters (B3). */
  @Override
  public void checkInvariants() {
    open.checkInvariants(index, counters);
  }
}
