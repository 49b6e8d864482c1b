package dev.carafe.tier;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Overload;
import dev.carafe.base.FlightEvents;
import dev.carafe.base.Structures;
import dev.carafe.base.Structures.Structure;
import dev.carafe.device.Device;
import dev.carafe.device.DeviceInfo;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.KeyHash;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The file tier: a log of records, and an index of the newest record of each key.
 *
 * <p>Thread-safe. Log and index change under one lock, the history lock, so that the records have
 * the order of the changes (contract D3). Reads take no lock. Callers serialize the changes of a
 * key, as the cache does by its key locks.
 */
public final class FileTier implements AutoCloseable, Structure {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final FileTierOptions options;
  private final OpenLog open;
  private final FileIndex index;
  private final FileCounters counters;
  private final Writeback writeback;
  private final LogMaintenance maintenance;
  private final FileAppender appender;
  private final FileReads reads;
  private final Flusher flusher;
  private final FileCapacity capacity;
  private final FileMetrics metrics;
  private volatile boolean closeStarted;

  private FileTier(FileTierOptions options, OpenLog open, FileIndex index, ChunkSource chunks) {
    this.options = options;
    this.open = open;
    this.index = index;
    this.counters = new FileCounters();
    // before log maintenance starts, which reclaims extents and counts their records
    counters.recovered.add(index.count() + open.damagedAtOpening());
    counters.damaged.add(open.damagedAtOpening());
    Compressor.load(options.file().compression());
    Compressor compressor = new Compressor(); // before the thread starts: this can throw
    this.writeback = new Writeback(options.dirtySource(), open.log());
    LiveRecords records = new LiveRecords(open.log(), index, counters);
    Scrubber scrubber =
        new Scrubber(options.file(), open, index, records::removeIfCurrent, counters.scrubbedBytes);
    this.maintenance =
        new LogMaintenance(
            open,
            index,
            new ReclaimTracker(counters, options),
            () -> Math.min(writeback.runIfDue(), scrubber.runIfDue()),
            new TombstoneBacklog(records, writeback));
    WriteAdmission admission = new WriteAdmission(options, open.log(), counters.refused);
    this.appender =
        new FileAppender(
            options.file().compression(), compressor, records, writeback, maintenance, admission);
    this.reads = new FileReads(options, open, index, chunks, records::removeIfCurrent);
    this.flusher = new Flusher(open.log(), maintenance);
    this.capacity = new FileCapacity(open, maintenance);
    this.metrics = new FileMetrics(open, index, counters, maintenance, capacity, compressor);
    Structures.opened(this);
  }

  /**
   * Opens the file and recovers its records.
   *
   * @param options the options of the tier
   * @param opener opens the device; its argument is this tier's buffers, to be registered before
   *     the arena, those that most transfers use first
   * @param chunks the chunks that reads allocate
   * @return an open tier
   * @throws dev.carafe.CarafeException if the file can't be opened, or belongs to another cache
   */
  public static FileTier open(
      FileTierOptions options, Function<List<MemorySegment>, Device> opener, ChunkSource chunks) {
    FileIndex index = new FileIndex(options.indexBytes());
    OpenLog open = null;
    FileTier tier = null;
    FlightEvents.Opening event = FlightEvents.opening();
    try {
      open = OpenLog.open(options, opener, index, chunks.capacityBytes());
      tier = new FileTier(options, open, index, chunks);
      tier.capacity.adopt(options.file().capacityBytes());
      if (event != null) {
        DeviceInfo device = tier.metrics.deviceInfo();
        event.end(options.file().path(), device.kind().name(), device.reason(), index.count());
      }
      return tier;
    } catch (Throwable e) {
      if (tier == null) {
        OpenLog.discard(open, index);
      } else {
        tier.close();
      }
      throw e;
    }
  }

  /** {@return the hash of a key, keyed by the file's secret} */
  public KeyHash hashOf(MemorySegment key) {
    return open.log().file().hashOf(key);
  }

  /** {@return whether the index has a record of a key; the record may be expired or damaged} */
  public boolean contains(KeyHash hash) {
    return index.find(hash) != RecordAddress.NONE;
  }

  /**
   * Appends a value to the log and replaces the key's record in the index.
   *
   * @param key the key
   * @param value the value's bytes, which the caller must not change or free during the call
   * @param expiresAtNanos nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   * @param overload whether to wait, up to 30 s, while no extent is free; null neither waits nor
   *     counts a refusal, since the caller offers the value again
   * @return whether the value was stored, or why not; if not, the key's record is unchanged
   */
  public StoreResult put(
      FileKey key, MemorySegment value, long expiresAtNanos, @Nullable Overload overload) {
    return appender.put(key, value, expiresAtNanos, overload);
  }

  /**
   * As {@link #put}, for a value that need not be written: it is refused if the write budget is
   * used up.
   *
   * @param key the key
   * @param value the value's bytes, which the caller must not change or free during the call
   * @param expiresAtNanos nanoseconds since the epoch, {@link Long#MAX_VALUE} for never
   * @param again whether the caller offers the value again. If so, this does not wait and does not
   *     count a refusal; otherwise {@link FileOptions#overload} applies
   * @return whether the value was stored, or why not; if not, the key's record is unchanged
   */
  public StoreResult offer(FileKey key, MemorySegment value, long expiresAtNanos, boolean again) {
    return appender.offer(key, value, expiresAtNanos, again ? null : options.file().overload());
  }

  /** {@return what decides which evicted values are worth a write; null if all are} */
  public @Nullable EvictionAdmission evictions() {
    return appender.evictions();
  }

  /**
   * Removes a key from the index and appends a tombstone to the log.
   *
   * @param key the key
   * @param wait whether to wait, up to 30 s, until the log has room for the tombstone
   * @return whether the index had a record of the key
   */
  public boolean remove(FileKey key, boolean wait) {
    return appender.remove(key, wait);
  }

  /** Removes the record of a key from the index and counts it as expired. Appends no tombstone. */
  public void removeExpired(FileKey key) {
    appender.removeExpired(key);
  }

  /** Sets by how much the wall clock is ahead of the local clock of this opening (R6). */
  public void setWallClockLead(long nanos) {
    open.log().history().lock();
    try {
      open.log().table().clock().setLead(nanos);
    } finally {
      open.log().history().unlock();
    }
    writeback.schedule();
  }

  /** Schedules a write-back of the dirty values ({@link DirtySource}). */
  public void scheduleWriteback() {
    writeback.schedule();
  }

  /** Starts to free the oldest extents whose records have all expired. */
  public void reclaimExpired() {
    maintenance.reclaimExpired();
  }

  /** {@return a key's value, which the caller closes; null if there is none or it is unreadable} */
  public @Nullable FileValue read(FileKey key) {
    return reads.read(key);
  }

  /** {@return a read to {@linkplain #submit submit}; null if the index does not have the key} */
  public @Nullable FileRead beginRead(FileKey key) {
    return reads.begin(key);
  }

  /**
   * Submits reads.
   *
   * @param submitted the reads
   * @param onCompletion called with each read when it completes, and must not block; null if the
   *     caller {@linkplain #await awaits} the reads
   */
  public void submit(List<FileRead> submitted, @Nullable Consumer<FileRead> onCompletion) {
    reads.submit(submitted, onCompletion);
  }

  /** Waits until a submitted read is complete; the caller then finishes or abandons it. */
  public void await(FileRead read) {
    reads.await(read);
  }

  /**
   * Visits the keys of live records. Weakly consistent with concurrent changes.
   *
   * @param cache the number of the cache ({@link dev.carafe.log.format.CacheNumber})
   * @param visitor receives the keys
   */
  public void forEachKey(int cache, KeyVisitor visitor) {
    reads.forEachKey(cache, visitor);
  }

  /**
   * Removes all keys of a cache from the index and appends a CLEAR record to the log, in constant
   * time. Waits up to 30 s until the log has room for it. The next flush makes it durable.
   *
   * @param cache the number of the cache; ALL for all caches
   */
  public void clear(int cache) {
    appender.clear(cache);
  }

  /** Makes all changes so far survive a power cut (D2), or throws {@link DeviceException}. */
  public void flush() {
    flusher.flush();
  }

  /** Repeats failed writes once and waits up to 30 s for their end. Throws nothing if they fail. */
  public void retryFailedWrites() {
    maintenance.retryFailedWrites();
  }

  /** {@return an exception with the reason why an operation could not make a change durable} */
  public DeviceException unavailable(String operation) {
    return flusher.unavailable(operation);
  }

  /** {@return the capacity of the file, which can change while the tier is open} */
  public FileCapacity capacity() {
    return capacity;
  }

  /** Seals the newest extent, flushes, and closes the file. A failure of the device is logged. */
  @Override
  public void close() {
    if (closeStarted) {
      return;
    }
    closeStarted = true;
    if (!maintenance.stop()) {
      return; // its thread still uses the memory and the file
    }
    Structures.closing(this);
    try {
      open.log().history().lock();
      try {
        open.log().writer().sealUnlessReserve();
      } finally {
        open.log().history().unlock();
      }
      flusher.flushAtClose(open.reclaimBuffer());
    } catch (DeviceException e) {
      LOG.log(
          Level.WARNING,
          "the file was closed, but changes since the last flush may be lost: " + e.getMessage());
    } finally {
      metrics.close();
      open.close();
      appender.close();
      index.close();
    }
  }

  /** {@return the statistics, the health and the memory of this tier} */
  public FileMetrics metrics() {
    return metrics;
  }

  /** Checks extent table, index, read buffers and the sums of the counters (B3). */
  @Override
  public void checkInvariants() {
    open.checkInvariants(index, counters);
  }
}
