package dev.carafe.tier;

import dev.carafe.FileOptions.Persist;
import dev.carafe.base.Counter;
import dev.carafe.log.Log;
import dev.carafe.spi.WriteBudget;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which values a file tier takes: those within the write budget, and the evicted ones that
 * are worth a write. Thread-safe: the history lock guards the budget.
 */
final class WriteAdmission {
  private final @Nullable TokenBucket budget;
  private final boolean limitsSaves;
  private final Log log;
  private final LongSupplier nowNanos;
  private final Counter refused;
  private final @Nullable EvictionAdmission evictions;

  WriteAdmission(FileTierOptions options, Log log, FileCounters.Refused refused) {
    WriteBudget limit = options.writeBudget();
    Set<Persist> persist = options.file().persist();
    this.log = log;
    this.nowNanos = options.nowNanos();
    this.refused = refused.budget;
    this.evictions =
        persist.contains(Persist.ADMITTED_EVICTIONS) && !persist.contains(Persist.EVICTIONS)
            ? new EvictionAdmission(log, refused.admission)
            : null;
    this.limitsSaves = limit != null && limit.limitsSaves();
    this.budget =
        limit == null
            ? null
            : new TokenBucket(limit.bytesPerDay(), nowNanos.getAsLong(), writtenBytes());
  }

  /**
   * Returns whether a value is refused, and counts that.
   *
   * @param save whether memory keeps the value; its refusal is not counted
   */
  boolean refuses(boolean save) {
    if (budget == null || (save && !limitsSaves)) {
      return false;
    }
    long now = nowNanos.getAsLong();
    ReentrantLock history = log.history();
    history.lock();
    try {
      if (budget.admits(now, writtenBytes())) {
        return false;
      }
    } finally {
      history.unlock();
    }
    if (!save) {
      refused.increment();
    }
    return true;
  }

  /** Returns what decides on evicted values; null if all are taken. */
  @Nullable EvictionAdmission evictions() {
    return evictions;
  }

  /** What the device got, and what it gets from the open extent. */
  private long writtenBytes() {
    return log.file().bytesWritten().get() + log.writer().unsubmittedBytes();
  }
}
