package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.DeviceException;
import dev.carafe.base.Structures;
import dev.carafe.base.Structures.Structure;
import dev.carafe.tier.FileTier;
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
 * @param owner the storage or the store that the cache belongs to
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
    ApplicationHooks hooks,
    Owner owner)
    implements Structure {

  /** What a cache belongs to. */
  interface Owner {
    /** Checks the memory of all caches of this owner. No operation is under way. */
    void checkMemory();

    /** Ends the use of the storage by a cache that has released its entries. */
    void release();
  }

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
    tiers.storage.memory.freeRetired();
    if (tiers.storage.file != null) {
      tiers.storage.file.reclaimExpired();
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
    if (!tiers.demotion.cleared().isEmpty()) {
      hooks.tasks().run(this::releaseCleared);
    }
  }

  private void releaseCleared() {
    int pass;
    while (!tiers.demotion.cleared().isEmpty() && (pass = gate().enterUnlessClosed()) >= 0) {
      try {
        tiers.demotion.cleared().releaseSome();
      } finally {
        gate().exit(pass);
      }
    }
  }

  /** Drops values whose expiration times have changed with the wall clock, on the executor. */
  void dropTimedCopiesLater() {
    hooks.tasks().run(this::dropTimedCopies);
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

  /**
   * Writes all live values to the file, unless the cache is closed. The caller flushes the file.
   */
  void persistUnlessClosed() {
    int pass = gate().enterUnlessClosed();
    if (pass >= 0) {
      try {
        tiers.cache.expiration().clock().checkForStep();
        contents().persistAll();
      } finally {
        gate().exit(pass);
      }
    }
  }

  void flush() {
    int pass = gate().enter();
    try {
      FileTier file = tiers.storage.file;
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
    owner.checkMemory();
  }

  /**
   * Closes the gate, waits for the operations under way, writes unsaved values to the file, and
   * releases the cache's part of both tiers.
   */
  void close() {
    if (!closeGate("close()")) {
      return;
    }
    FileTier file = tiers.storage.file;
    try {
      stop();
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
      release();
    }
  }

  /**
   * Closes the cache without writing its values. The caller then removes its records from the file,
   * and {@linkplain #release releases} its memory.
   *
   * @return false if another call closed the cache; its memory is released then
   */
  boolean discard() {
    if (!closeGate("drop()")) {
      return false;
    }
    stop();
    tiers.storage.discard();
    return true;
  }

  /** Closes the gate, and waits for the operations under way. */
  private boolean closeGate(String call) {
    requireOutside(call);
    return gate().closeAndAwaitOperations();
  }

  /** Throws if the calling thread is inside an operation, for which a close would wait. */
  void requireOutside(String call) {
    if (gate().isEnteredByThisThread() || tiers.storage.memory.isReadByThisThread()) {
      throw new IllegalStateException(
          call
              + " was called from inside an operation of the same cache, by a codec, loader,"
              + " listener, Expiry, computation, reader or writer, and would wait for itself;"
              + " close the cache after the operation");
    }
  }

  private void stop() {
    expirySweep.stop();
    asyncReads.abandonAll();
  }

  /** Releases the memory of a closed cache. */
  void release() {
    Structures.closing(this);
    contents().releaseAll();
    tiers.storage.memory.endReads();
    try {
      owner.release();
    } finally {
      tiers.storage.memory.close();
      gate().markFinished();
    }
  }
}
