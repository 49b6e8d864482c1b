package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.DeviceException;
import dev.carafe.base.Structures;
import dev.carafe.base.Structures.Structure;
import dev.carafe.tier.FileTier;
import dev.carafe.tier.MemoryTier;
import java.lang.System.Logger.Level;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The components of one cache, and the operations that concern all of its entries.
 *
 * @param tiers the places that hold values
 * @param values encodes and decodes values
 * @param reads reads of single keys
 * @param writes puts and removals
 * @param computations atomic read-modify-writes
 * @param loads runs loaders
 * @param leases zero-copy views that outlive a call
 * @param asyncReads reads of the file that block no thread
 * @param expirySweep removes expired entries periodically
 * @param hooks the application's statistics and executor
 */
record CacheContext<K, V>(
    Tiers<K> tiers,
    Values<V> values,
    Reads<K> reads,
    Writes<K, V> writes,
    Computations<K, V> computations,
    Loads<K, V> loads,
    Leases<K> leases,
    AsyncReads asyncReads,
    ExpirySweep expirySweep,
    ApplicationHooks hooks)
    implements Structure {

  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private CacheContents<K> contents() {
    return new CacheContents<>(tiers);
  }

  Gate gate() {
    return leases.gate();
  }

  /** Throws if the cache is closed. */
  void checkOpen() {
    gate().check();
  }

  Statistics statistics() {
    return new Statistics(tiers, values, gate().isClosed());
  }

  boolean isRecordingStats() {
    return hooks.stats() != StatsCounter.disabledStatsCounter();
  }

  /** Returns the key's value if it is in memory. Records a memory hit, but no miss. */
  @SuppressWarnings("unchecked")
  @Nullable V getFromMemory(K key) {
    Object seen = reads.getFromMemory(key, values.decoder);
    return seen == Reads.MISS ? null : (V) seen;
  }

  /** Reads a value without recording an access or promoting the value. */
  @SuppressWarnings("unchecked")
  @Nullable V getQuietly(K key) {
    int pass = gate().enter();
    try {
      Object seen = reads.peek(key, values.decoder);
      return seen == Reads.MISS ? null : (V) seen;
    } finally {
      gate().exit(pass);
    }
  }

  /** Notifies the removal listener of a value that was loaded but not stored. */
  void notifyDiscarded(K key, V value, RemovalCause cause) {
    @SuppressWarnings("unchecked")
    RemovalNotifier<K, V> removals = (RemovalNotifier<K, V>) tiers.cache.removals();
    removals.notifyDiscarded(key, value, cause);
  }

  /** Returns the current keys of both tiers and the expiration times of their values. */
  Map<K, Long> expirations() {
    int pass = gate().enter();
    try {
      return contents().expirations();
    } finally {
      gate().exit(pass);
    }
  }

  /** Removes expired entries, and frees retired chunks. The caller is inside the gate. */
  void sweep() {
    tiers.demotion.evictExcess();
    tiers.changes.removeSuperseded();
    tiers.shared.memory.freeRetired();
    if (tiers.shared.file != null) {
      tiers.shared.file.reclaimExpired();
    }
  }

  /**
   * Returns whether a key that an iterator saw with this expiration time is still present. Does not
   * read the value.
   */
  boolean isPresentUntil(K key, long expiresAtNanos) {
    int pass = gate().enter();
    try {
      return reads.isPresentUntil(key, expiresAtNanos);
    } finally {
      gate().exit(pass);
    }
  }

  void clear() {
    int pass = gate().enter();
    try {
      contents().clear();
    } finally {
      gate().exit(pass);
    }
  }

  /**
   * Handles a step of the wall clock. Entries that were promoted from the file and written before
   * the cache was opened now expire earlier or later than their entries state, so they are dropped
   * from memory and read again.
   */
  void setWallClockLead(long nanos) {
    FileTier file = tiers.shared.file;
    int pass = file == null ? -1 : gate().enterUnlessClosed();
    if (file != null) {
      file.setWallClockLead(nanos);
    }
    if (pass >= 0) {
      gate().exit(pass);
      hooks.tasks().run(this::dropTimedCopies);
    }
  }

  private void dropTimedCopies() {
    int pass = gate().enterUnlessClosed();
    if (pass >= 0) {
      try {
        contents().dropTimedCopies();
      } finally {
        gate().exit(pass);
      }
    }
  }

  void cleanUp() {
    int pass = gate().enter();
    try {
      sweep();
    } finally {
      gate().exit(pass);
    }
  }

  void flush() {
    int pass = gate().enter();
    try {
      FileTier file = tiers.shared.file;
      if (file != null) {
        tiers.cache.expiration().clock().checkForStep();
        contents().persistAll();
        file.flush();
      }
    } finally {
      gate().exit(pass);
    }
  }

  @Override
  public void checkInvariants() {
    new CacheCheck<>(tiers, gate()).run();
  }

  /**
   * Closes the gate, waits for the operations under way, writes unsaved values to the file, and
   * releases both tiers.
   */
  void close() {
    MemoryTier memory = tiers.shared.memory;
    if (gate().isEnteredByThisThread() || memory.isReadByThisThread()) {
      throw new IllegalStateException(
          "close() was called from inside an operation of the same cache, by a codec, loader,"
              + " listener, Expiry, computation, reader or writer, and would wait for itself;"
              + " close the cache after the operation");
    }
    if (!gate().closeAndAwaitOperations()) {
      return;
    }
    FileTier file = tiers.shared.file;
    try {
      expirySweep.stop();
      asyncReads.abandonAll();
      if (file != null) {
        tiers.cache.expiration().clock().checkForStep();
        contents().persistAll();
      }
    } catch (DeviceException e) {
      LOG.log(
          Level.WARNING,
          "close: values that only memory held could not be written to the file and are lost: "
              + e.getMessage());
    } finally {
      Structures.closing(this);
      contents().releaseAll();
      try {
        if (file != null) {
          file.close();
        }
      } finally {
        memory.close();
        gate().markFinished();
      }
    }
  }
}
