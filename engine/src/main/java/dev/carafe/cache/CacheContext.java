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
 * What one cache is made of, and what concerns all of it.
 *
 * @param tiers where values are
 * @param values how they are encoded
 * @param reads reads
 * @param writes writes
 * @param loads loads
 * @param leases long reads
 * @param asyncReads reads that nobody waits for
 * @param expirySweep removes what has expired
 * @param hooks what of the application's they use
 */
record CacheContext<K, V>(
    Tiers<K> tiers,
    Values<V> values,
    Reads<K> reads,
    Writes<K, V> writes,
    Loads<K, V> loads,
    Leases<K> leases,
    AsyncReads asyncReads,
    ExpirySweep expirySweep,
    ApplicationHooks hooks)
    implements Structure {

  private static final System.Logger LOG = System.getLogger("dev.carafe");

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

  /** The key's value if memory has it; counts as a hit of memory, and not as a miss. */
  @SuppressWarnings("unchecked")
  @Nullable V getFromMemory(K key) {
    Object seen = reads.getFromMemory(key, values.decoder);
    return seen == Reads.MISS ? null : (V) seen;
  }

  /** A read that neither counts nor moves anything. */
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

  /** A value that was made and never got in. */
  void notifyDiscarded(K key, V value, RemovalCause cause) {
    @SuppressWarnings("unchecked")
    RemovalNotifier<K, V> removals = (RemovalNotifier<K, V>) tiers.removals;
    removals.notifyDiscarded(key, value, cause);
  }

  /** The keys of this moment, from all places, and when their values end. */
  Map<K, Long> expirations() {
    int pass = gate().enter();
    try {
      return tiers.contents.expirations();
    } finally {
      gate().exit(pass);
    }
  }

  /** Inside the gate: removes what has expired. */
  void sweep() {
    tiers.demotion.relieve();
    if (tiers.file != null) {
      tiers.file.sweep();
    }
  }

  /** Whether a key that was seen with this end is there still; its value is not read. */
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
      tiers.contents.clear();
    } finally {
      gate().exit(pass);
    }
  }

  /**
   * The wall clock was set. What came back from the file, and was written before the cache was
   * opened, ends earlier or later than memory has it: it is read anew.
   */
  void setWallClockLead(long nanos) {
    FileTier file = tiers.file;
    int pass = file == null ? -1 : gate().enterUnlessClosed();
    if (file != null) {
      file.wallClockLeads(nanos);
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
        tiers.contents.dropTimedCopies();
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
      FileTier file = tiers.file;
      if (file != null) {
        tiers.expiration.timeline().checkForStep();
        tiers.contents.persistAll();
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

  /** Nobody comes in, all leave, the file gets what memory has, and both are given back. */
  void close() {
    MemoryTier memory = tiers.memory;
    if (gate().isEnteredByThisThread() || memory.isReadByThisThread()) {
      throw new IllegalStateException(
          "close() was called from inside an operation of the same cache, by a codec, loader,"
              + " listener, Expiry, computation, reader or writer, and would wait for itself;"
              + " close the cache after the operation");
    }
    if (!gate().closeAndAwaitOperations()) {
      return;
    }
    FileTier file = tiers.file;
    try {
      expirySweep.stop();
      asyncReads.abandonAll();
      if (file != null) {
        tiers.expiration.timeline().checkForStep();
        tiers.contents.persistAll();
      }
    } catch (DeviceException e) {
      LOG.log(Level.WARNING, "what only memory had is lost: " + e.getMessage());
    } finally {
      Structures.closing(this);
      tiers.contents.releaseAll();
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
