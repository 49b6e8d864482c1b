package dev.carafe.log;

import dev.carafe.base.FlightEvents;
import dev.carafe.device.IoResult;
import dev.carafe.log.format.CacheNumber;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reclaims the oldest extent: it reinserts live records at the end of the log and drops the others
 * (reinsertion as in CacheLib).
 *
 * <p>While live records take at most 80 % of the extents, less three, and the index is not nearly
 * full, all live records are reinserted. Above that, only records that were read from the file
 * since they were written are reinserted, up to half an extent, since otherwise no extent would
 * become clean.
 *
 * <p>For one thread at a time. Each record is checked and copied under the history lock, which is
 * released between records.
 *
 * <p>Proved by {@code SimEngineTest}, {@code KillTest} and {@code FullHeapTest}.
 */
public final class Reclaimer {
  private static final int MAX_LIVE_PERCENT = 80;
  private static final int FIXED_EXTENTS = 3;

  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final RecordIndex index;
  private final ReentrantLock history;
  private final EventCount changes;
  private final boolean keepsAll;
  private final MemorySegment extent;
  private final ReclaimListener listener;
  private final IoHooks hooks;
  private final TailWriter tail;

  /** The device operations that reclamation needs, and their failures. */
  public interface IoHooks {
    /**
     * Whether to stop because the device failed or the tier is closing.
     *
     * @return true to leave the extent as it is
     */
    boolean isStopped();

    /** Syncs written extents, since clean extents may be waiting for that. */
    void syncWritten();

    /**
     * Reports that the oldest extent can't be read, so no extent becomes clean.
     *
     * @param failure the failed read
     * @return false
     */
    boolean recordReadFailure(IoResult.Failed failure);

    /**
     * Syncs, as {@link Syncer#run(Runnable)} does.
     *
     * @param before writes further data that the sync includes
     * @return the result
     */
    IoResult sync(Runnable before);
  }

  /**
   * Prepares reclamation.
   *
   * @param log the log
   * @param index the index
   * @param extent memory for one extent
   * @param listener receives the results
   * @param hooks syncs, and receives the failures of reads
   */
  public Reclaimer(
      Log log, RecordIndex index, MemorySegment extent, ReclaimListener listener, IoHooks hooks) {
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.index = index;
    this.history = log.history();
    this.changes = log.changes();
    this.keepsAll = log.keepsAll();
    this.extent = extent;
    this.listener = listener;
    this.hooks = hooks;
    this.tail = new TailWriter(log, extent, hooks);
  }

  /** The oldest extent and the limits of reinsertion. */
  private static final class Plan {
    boolean begun;
    long sequence;
    long salt;
    long maxLiveBytes;
    boolean empty;
    boolean expired;
    long copiedBytes;
  }

  /**
   * The live bytes up to which all live records are reinserted.
   *
   * @param geometry of the file
   * @return bytes, with the directory entries
   */
  public static long maxLiveBytes(Geometry geometry) {
    return maxLiveBytes(geometry, geometry.extentCount());
  }

  private static long maxLiveBytes(Geometry geometry, int extents) {
    return usableBytes(geometry, extents) / 100 * MAX_LIVE_PERCENT;
  }

  /** The bytes of the extents that can hold live records. */
  static long usableBytes(Geometry geometry, int extents) {
    return (extents - FIXED_EXTENTS) * geometry.payloadBytes();
  }

  /**
   * Reclaims the oldest extent.
   *
   * @return false if that is not possible at present
   */
  public boolean reclaimOldest() {
    Plan plan = new Plan(); // before the extent's state changes, since the heap may be full
    FlightEvents.Reclaim event = FlightEvents.reclaim();
    boolean done = false;
    try {
      done = begin(plan) && drain(plan) && tail.advanceTo(plan.sequence + 1);
      return done;
    } finally {
      if (plan.begun && !done) {
        cancel();
      }
      if (plan.begun && event != null) {
        event.end(file.path(), plan.sequence, plan.copiedBytes, done);
      }
    }
  }

  /** An extent without live records, or with expired ones only, is not read. */
  private boolean drain(Plan plan) {
    if (plan.empty) {
      return true;
    }
    int slot = file.geometry().slotOf(plan.sequence);
    if (plan.expired) {
      return dropExpired(slot);
    }
    IoResult read = file.read(extent, file.geometry().extentOffset(slot));
    return switch (read) {
      case IoResult.Done done -> reinsertLive(plan, slot);
      case IoResult.Short cut -> discard(slot); // the file was truncated
      case IoResult.Failed failure -> hooks.recordReadFailure(failure);
    };
  }

  /** Removes the extent's records from the index, which is searched without the lock. */
  private boolean dropExpired(int slot) {
    index.forEachIn(
        slot,
        (hash, address) -> {
          history.lock();
          try {
            long current = index.find(hash);
            if (RecordAddress.isSameRecord(current, address)) {
              removeFromIndex(hash, current);
              listener.onExpired();
            }
          } finally {
            history.unlock();
          }
        });
    return true;
  }

  /** Begins to reclaim, if possible. {@code plan.begun} is valid even after an exception. */
  private boolean begin(Plan plan) {
    history.lock();
    try {
      if (table.oldest() > writer.writtenSequence()) {
        if (index.isNearlyFull()) {
          writer.sealUnlessReserve(); // all records are in the open extent
        }
        return false;
      }
      if (!table.beginReclaim()) {
        return false;
      }
      plan.begun = true;
      plan.sequence = table.oldest();
      plan.salt = table.saltAt(file.geometry().slotOf(plan.sequence));
      ResizeLimits limits = table.clean().limits();
      boolean discards = index.isNearlyFull() || limits.isDiscarding();
      int extents = limits.targetExtents(file.geometry().extentCount());
      plan.maxLiveBytes = discards ? 0 : maxLiveBytes(file.geometry(), extents);
      plan.empty = table.live().of(plan.sequence) == 0;
      plan.expired =
          !listener.needsRecords() && listener.isExpired(table.latestExpiryNanos(plan.sequence));
      return true;
    } finally {
      history.unlock();
    }
  }

  private void cancel() {
    history.lock();
    try {
      table.cancelReclaim();
    } finally {
      history.unlock();
    }
  }

  private boolean reinsertLive(Plan plan, int slot) {
    SealedExtent sealed = SealedExtent.in(extent, file, plan.sequence, plan.salt);
    MemorySegment directory = sealed == null ? null : sealed.directory();
    if (sealed == null || directory == null) {
      return discard(slot);
    }
    for (int i = 0; i < sealed.trailer().count(); i++) {
      long location = DirectoryLayout.locationAt(directory, i);
      KeyHash hash = DirectoryLayout.hashAt(directory, i);
      if (DirectoryLayout.kind(location) == RecordLayout.VALUE
          && !reinsert(plan, slot, hash, location)) {
        return false;
      }
    }
    return true;
  }

  /** Removes all records of an extent whose directory is damaged. It finds them in the index. */
  private boolean discard(int slot) {
    history.lock();
    try {
      index.forEachIn(
          slot,
          (hash, address) -> {
            removeFromIndex(hash, address);
            listener.onDamaged();
          });
      return true;
    } finally {
      history.unlock();
    }
  }

  private void removeFromIndex(KeyHash hash, long address) {
    var _ = index.remove(hash);
    table.live().remove(hash.cache(), address);
    table.markOldestUnindexed();
  }

  private boolean reinsert(Plan plan, int slot, KeyHash hash, long location) {
    long address = RecordAddress.ofListed(slot, location);
    for (; ; ) {
      long seen = changes.version();
      history.lock();
      try {
        long current = index.find(hash);
        if (!RecordAddress.isSameRecord(current, address)) {
          return true; // no longer live
        }
        long offset = RecordAddress.offset(address);
        RecordLayout.Header header = RecordLayout.read(extent, offset);
        boolean verified =
            RecordLayout.verifiesWithin(
                extent, offset, header, extent.byteSize() - offset, plan.salt);
        RecordLayout.Header local = table.clock().withLocalExpiry(header, plan.sequence, offset);
        boolean expired = verified && listener.isExpired(local.expiresAtNanos());
        if (!verified || expired || !isWorthReinserting(plan, hash, current)) {
          discard(hash, current, verified ? local : null);
          return true;
        }
        RecordLayout.Header copy = table.clock().withWallExpiry(header, plan.sequence, offset);
        long moved = writer.tryAppendCopy(copy, hash, extent, offset);
        if (moved != RecordAddress.NONE) {
          int readCount = Math.max(0, RecordAddress.readCount(current) - 1);
          table.live().remove(hash.cache(), current);
          table.live().add(hash.cache(), moved);
          var _ = index.put(hash, RecordAddress.withReadCount(moved, readCount));
          plan.copiedBytes += header.recordBytes();
          listener.onReinserted();
          return true;
        }
        if (writer.isFull(header.recordBytes())) {
          if (keepsAll) {
            return false; // the oldest extent is reclaimed again later
          }
          discard(hash, current, local);
          return true;
        }
        if (hooks.isStopped()) {
          return false;
        }
      } finally {
        history.unlock();
      }
      hooks.syncWritten();
      changes.await(seen);
    }
  }

  private void discard(KeyHash hash, long address, RecordLayout.@Nullable Header verified) {
    removeFromIndex(hash, address);
    if (verified == null) {
      listener.onDamaged();
      return;
    }
    if (listener.isExpired(verified.expiresAtNanos())) {
      listener.onExpired();
    } else {
      listener.onReclaimed();
    }
    listener.onRemoved(hash.cache(), extent, RecordAddress.offset(address), verified);
  }

  private boolean isWorthReinserting(Plan plan, KeyHash hash, long address) {
    boolean hot =
        !table.clean().limits().isDiscarding()
            && RecordAddress.readCount(address) > 0
            && plan.copiedBytes + RecordAddress.recordBytes(address)
                <= file.geometry().payloadBytes() / 2;
    return hash.cache() == CacheNumber.NAMES || hot || table.live().total() <= plan.maxLiveBytes;
  }
}
