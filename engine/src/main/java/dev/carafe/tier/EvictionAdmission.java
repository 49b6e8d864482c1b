package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.log.Geometry;
import dev.carafe.log.Log;
import dev.carafe.log.Reclaimer;
import dev.carafe.log.format.RecordLayout;
import dev.carafe.region.ChunkPool;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides which values that memory evicts are worth a write, by an {@link AdmissionPolicy}. The
 * file is full when its live records take so much that reclaiming soon discards some of them.
 *
 * <p>Thread-safe: a lock guards the policy. A lookup that finds it held is not recorded, so that
 * readers wait for no other thread.
 *
 * <p>Proved by {@code AdmissionPolicyTest} and {@code AdmittedEvictionsTest}.
 */
public final class EvictionAdmission {
  private static final List<AdmissionRule> RULES = List.of(AdmissionRule.values());
  private static final double NEWEST_WEIGHT = 1.0 / 256; // in the mean compression

  private final Log log;
  private final Counter refused;
  private final ReentrantLock lock = new ReentrantLock();
  private AdmissionPolicy policy; // guarded by lock, as the other fields
  private long capacityBytes;
  private double storedShare = 1; // of the bytes of a value, after compression

  EvictionAdmission(Log log, Counter refused) {
    this.log = log;
    this.refused = refused;
    this.capacityBytes = Reclaimer.maxLiveBytes(log.file().geometry());
    this.policy = new AdmissionPolicy(capacityBytes, RULES);
  }

  /**
   * Records that a key was looked up, and memory did not have it.
   *
   * @param keyHash {@link KeyHasher#keyHash} of the key
   */
  public void lookedUp(int keyHash) {
    if (lock.tryLock()) {
      try {
        policy.lookedUp(keyHash);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Records that memory evicts an entry, and decides whether its value is worth a write.
   *
   * @param entry the entry
   * @param pool the pool of its chunk
   * @param inFile whether the file has this value, which is not written again then
   * @return false if the value is to be dropped, which is counted; true if it is to be written, or
   *     the file has it
   */
  public boolean admits(Entry entry, ChunkPool pool, boolean inFile) {
    int chunkBytes = pool.footprintBytes(entry.ref()); // 0 if it was released meanwhile
    ReentrantLock history = log.history();
    long mostBytes;
    boolean isFull;
    history.lock();
    try {
      Geometry geometry = log.file().geometry();
      mostBytes = Reclaimer.maxLiveBytes(geometry);
      long nearlyFull = mostBytes - Math.min(mostBytes / 8, geometry.payloadBytes());
      isFull = log.table().live().total() > nearlyFull;
    } finally {
      history.unlock();
    }
    boolean admitted;
    lock.lock();
    try {
      if (mostBytes != capacityBytes) { // the capacity of the file was changed
        policy = new AdmissionPolicy(mostBytes, RULES);
        capacityBytes = mostBytes;
      }
      int bytes = Math.max(1, (int) (chunkBytes * storedShare));
      admitted = policy.evicted(entry.keyHash(), bytes, entry.isListed(), isFull);
    } finally {
      lock.unlock();
    }
    if (!admitted && !inFile) {
      refused.increment();
    }
    return admitted || inFile;
  }

  /** Records the size of a value in the file. */
  void recordStored(RecordLayout.Header header) {
    if (header.valueBytes() > 0 && lock.tryLock()) {
      try {
        double share = (double) header.storedBytes() / header.valueBytes();
        storedShare += (share - storedShare) * NEWEST_WEIGHT;
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Records that a key's record in the file, if there is one, is not current any more.
   *
   * @param keyHash {@link KeyHasher#keyHash} of the key
   */
  public void removed(int keyHash) {
    lock.lock();
    try {
      policy.removed(keyHash);
    } finally {
      lock.unlock();
    }
  }

  /** Records that a cache has no records any more. Those of other caches are forgotten, too. */
  public void cleared() {
    lock.lock();
    try {
      policy.cleared();
    } finally {
      lock.unlock();
    }
  }
}
