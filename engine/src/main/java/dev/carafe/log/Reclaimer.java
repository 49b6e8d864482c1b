package dev.carafe.log;

import dev.carafe.DeviceException;
import dev.carafe.device.IoResult;
import dev.carafe.log.format.DirectoryLayout;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.KeyHash;
import dev.carafe.log.format.RecordLayout;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Frees the oldest extent: its live records are carried to the end of the log as far as they are
 * worth it, and the rest is given up.
 *
 * <p>While the file has room to spare all live records are worth it, so that only what is dead
 * costs. When it is nearly full of live records, only those are that were read from the file since
 * they were written, up to half an extent; else nothing would ever become free.
 *
 * <p>One thread at a time. Each record is checked and carried under the history lock, which is
 * released between records.
 *
 * <p>Proved by {@code SimEngineTest} and {@code KillTest}.
 */
public final class Reclaimer {
  private static final int SPARE_PERCENT = 80;
  private static final int FIXED_EXTENTS = 3;

  private final LogFile file;
  private final ExtentTable table;
  private final LogWriter writer;
  private final RecordIndex live;
  private final ReentrantLock history;
  private final EventCount changes;
  private final MemorySegment extent;
  private final ReclaimListener counts;
  private final Waiting waiting;

  /** Asked before waiting for room. */
  public interface Waiting {
    /**
     * Whether to stop: the device failed, or the tier is closing.
     *
     * @return true to leave the extent as it is
     */
    boolean isStopped();

    /** Does what room may be waiting for: syncs what is written. */
    void help();

    /**
     * The oldest extent can't be read, so nothing becomes free.
     *
     * @param failure why
     * @return false
     */
    boolean failed(IoResult.Failed failure);

    /**
     * Syncs, as {@link Syncer#run(Runnable)} does.
     *
     * @param before writes what is to be synced, too
     * @return how it ended
     */
    IoResult sync(Runnable before);
  }

  /**
   * Ready to reclaim.
   *
   * @param log to reclaim from
   * @param live the index
   * @param extent memory for one extent
   * @param counts told what happens
   * @param waiting asked before waiting
   */
  public Reclaimer(
      Log log, RecordIndex live, MemorySegment extent, ReclaimListener counts, Waiting waiting) {
    this.file = log.file();
    this.table = log.table();
    this.writer = log.writer();
    this.live = live;
    this.history = log.history();
    this.changes = log.changes();
    this.extent = extent;
    this.counts = counts;
    this.waiting = waiting;
  }

  /** What is carried of one extent. */
  private static final class Plan {
    long sequence;
    long salt;
    long spareBytes;
    boolean empty;
    boolean expired;
    long hotBudgetBytes;
  }

  /**
   * Reclaims the oldest extent.
   *
   * @return false if it could not be, now
   */
  public boolean reclaimOldest() {
    Plan plan = begin();
    if (plan == null) {
      return false;
    }
    boolean done = false;
    try {
      boolean emptied = empty(plan, file.geometry().slotOf(plan.sequence));
      done = emptied && end(plan.sequence + 1);
      return done;
    } finally {
      if (!done) {
        abandon();
      }
    }
  }

  /** What holds nothing, or nothing but expired records, is not read. */
  private boolean empty(Plan plan, int slot) {
    if (plan.empty) {
      return true;
    }
    if (plan.expired) {
      return dropExpired(slot);
    }
    IoResult read = file.read(extent, file.geometry().extentOffset(slot));
    return switch (read) {
      case IoResult.Done done -> carry(plan, slot);
      case IoResult.Short cut -> giveUp(slot); // somebody cut the file: what is gone is a miss
      case IoResult.Failed failure -> waiting.failed(failure);
    };
  }

  /** The index tells which records lie here; it is searched without the lock. */
  private boolean dropExpired(int slot) {
    live.forEach((hash, address) -> {
      if (RecordAddress.slot(address) == slot) {
        history.lock();
        try {
          long current = live.find(hash);
          if (RecordAddress.samePlace(current, address)) {
            drop(hash, current);
            counts.expired();
          }
        } finally {
          history.unlock();
        }
      }
    });
    return true;
  }

  /**
   * Whether the oldest extent could be freed without carrying a record, since all have expired.
   *
   * @return true if so
   */
  public boolean isOldestExpired() {
    history.lock();
    try {
      return table.oldest() <= writer.writtenSequence()
          && counts.isExpired(table.latestExpiryNanos(table.oldest()));
    } finally {
      history.unlock();
    }
  }

  private @Nullable Plan begin() {
    history.lock();
    try {
      if (table.oldest() > writer.writtenSequence() || !table.beginReclaim()) {
        return null;
      }
      Plan plan = new Plan();
      plan.sequence = table.oldest();
      plan.salt = table.saltAt(file.geometry().slotOf(plan.sequence));
      long usable =
          (file.geometry().extentCount() - FIXED_EXTENTS) * file.geometry().payloadBytes();
      plan.spareBytes = usable / 100 * SPARE_PERCENT;
      plan.empty = table.liveBytes(plan.sequence) == 0;
      plan.expired =
          !counts.wantsRecords() && counts.isExpired(table.latestExpiryNanos(plan.sequence));
      plan.hotBudgetBytes = file.geometry().payloadBytes() / 2;
      return plan;
    } finally {
      history.unlock();
    }
  }

  private void abandon() {
    history.lock();
    try {
      table.abandonReclaim();
    } finally {
      history.unlock();
    }
  }

  private boolean carry(Plan plan, int slot) {
    MemorySegment last = extent.asSlice(extent.byteSize() - FormatVersion.BLOCK_BYTES);
    DirectoryLayout.Trailer trailer =
        DirectoryLayout.readTrailer(last, file.fileId(), extent.byteSize());
    if (trailer == null || trailer.sequence() != plan.sequence) {
      return giveUp(slot);
    }
    long start = DirectoryLayout.startOf(extent.byteSize(), trailer.count());
    MemorySegment directory = extent.asSlice(start);
    if (!DirectoryLayout.verifies(directory, file.fileId())) {
      return giveUp(slot);
    }
    for (int i = 0; i < trailer.count(); i++) {
      long place = DirectoryLayout.placeAt(directory, i);
      KeyHash hash = DirectoryLayout.hashAt(directory, i);
      if (DirectoryLayout.kind(place) == RecordLayout.VALUE && !carryOne(plan, slot, hash, place)) {
        return false;
      }
    }
    return true;
  }

  /** The directory is damaged, so the index must be asked which of its records lie here. */
  private boolean giveUp(int slot) {
    history.lock();
    try {
      live.forEach((hash, address) -> {
        if (RecordAddress.slot(address) == slot) {
          drop(hash, address);
          counts.damaged();
        }
      });
      return true;
    } finally {
      history.unlock();
    }
  }

  private void drop(KeyHash hash, long address) {
    var _ = live.remove(hash);
    table.dead(address);
    table.dropped();
  }

  private boolean carryOne(Plan plan, int slot, KeyHash hash, long place) {
    long address =
        RecordAddress.of(slot, DirectoryLayout.offset(place), DirectoryLayout.recordBytes(place));
    for (; ; ) {
      long seen = changes.version();
      history.lock();
      try {
        long current = live.find(hash);
        if (!RecordAddress.samePlace(current, address)) {
          return true; // dead
        }
        long offset = RecordAddress.offset(address);
        RecordLayout.Header header = RecordLayout.read(extent, offset);
        boolean verified = verifies(header, offset, plan.salt);
        RecordLayout.Header timed = table.clock().timed(header, plan.sequence, offset);
        boolean expired = verified && counts.isExpired(timed.expiresAtNanos());
        if (!verified || expired || !isWorthIt(plan, current)) {
          giveUp(hash, current, verified ? timed : null);
          return true;
        }
        RecordLayout.Header copy = table.clock().carried(header, plan.sequence, offset);
        long moved = writer.tryCarry(copy, hash, extent, offset);
        if (moved != RecordAddress.NONE) {
          int readCount = Math.max(0, RecordAddress.readCount(current) - 1);
          table.dead(current);
          table.live(moved);
          var _ = live.put(hash, RecordAddress.withReadCount(moved, readCount));
          plan.hotBudgetBytes -= header.recordBytes();
          counts.carried();
          return true;
        }
        if (writer.isFull(header.recordBytes())) {
          giveUp(hash, current, timed);
          return true;
        }
        if (waiting.isStopped()) {
          return false;
        }
      } finally {
        history.unlock();
      }
      waiting.help();
      changes.await(seen);
    }
  }

  private void giveUp(KeyHash hash, long address, RecordLayout.@Nullable Header verified) {
    drop(hash, address);
    if (verified == null) {
      counts.damaged();
      return;
    }
    if (counts.isExpired(verified.expiresAtNanos())) {
      counts.expired();
    } else {
      counts.reclaimed();
    }
    counts.gone(extent, RecordAddress.offset(address), verified);
  }

  private boolean isWorthIt(Plan plan, long address) {
    boolean hot =
        RecordAddress.readCount(address) > 0
            && RecordAddress.recordBytes(address) <= plan.hotBudgetBytes;
    return hot || table.totalLiveBytes() <= plan.spareBytes;
  }

  private boolean verifies(RecordLayout.Header header, long offset, long salt) {
    return RecordLayout.isPlausible(header, extent.byteSize() - offset)
        && RecordLayout.verifies(extent, offset, header, salt);
  }

  /** The log begins later from here on; that, too, is history. */
  private boolean end(long firstSequence) {
    for (; ; ) {
      long seen = changes.version();
      history.lock();
      try {
        if (writer.tryAppendTail(firstSequence)) {
          table.endReclaim();
          return true;
        }
        if (waiting.isStopped()) {
          return false;
        }
        if (writer.isFull(RecordLayout.HEADER_BYTES)) {
          break;
        }
      } finally {
        history.unlock();
      }
      waiting.help();
      changes.await(seen);
    }
    return endWithoutRecord(firstSequence - 1);
  }

  /**
   * There is no room for a TAIL record: no extent is clean, and the newest is full, or was sealed
   * early. Then the oldest is wiped, which says the same; but first what was carried out of it must
   * be sure to stay.
   */
  private boolean endWithoutRecord(long sequence) {
    if (!settle()) {
      return false;
    }
    try {
      if (!waiting.sync(() -> file.wipeOrThrow(sequence, extent)).isDone()) {
        return false; // the keeper repeats it
      }
      history.lock();
      try {
        table.endReclaim();
      } finally {
        history.unlock();
      }
      return true;
    } catch (DeviceException e) {
      return false;
    }
  }

  /** Ends the open extent and waits for its writes and a sync; false if the device fails. */
  private boolean settle() {
    history.lock();
    try {
      writer.sealOpen();
    } finally {
      history.unlock();
    }
    writer.awaitWrites();
    return writer.failure() == null && waiting.sync(() -> {}).isDone();
  }
}
