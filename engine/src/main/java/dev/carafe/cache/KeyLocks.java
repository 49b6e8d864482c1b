package dev.carafe.cache;

import dev.carafe.tier.Entry;
import dev.carafe.tier.KeyHasher;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Striped locks for the writers of a key. Several keys share one lock.
 *
 * <p>The key lock is first in the lock order, before Caffeine's locks, the file tier's lock and the
 * pool's. Computations of {@code asMap()} run under it, loaders do not.
 */
final class KeyLocks {
  private static final long FRACTION = 0x9E3779B97F4A7C15L; // of the golden ratio: spreads bits
  private static final int STRIDE = 16; // 64 bytes, so that two versions do not share a cache line

  private final KeyHasher hasher;
  private final ReentrantLock[] locks;
  private final AtomicIntegerArray versions;

  /** Whether a read-modify-write operation is under way. Each element is guarded by its lock. */
  private final boolean[] readModifyWrite;

  KeyLocks(int count, KeyHasher hasher) {
    this.hasher = hasher;
    locks = new ReentrantLock[count];
    versions = new AtomicIntegerArray(count * STRIDE);
    readModifyWrite = new boolean[count];
    for (int i = 0; i < count; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  ReentrantLock of(Object key) {
    return locks[index(key)];
  }

  /** Returns the lock of an entry's key. */
  ReentrantLock ofEntry(Entry entry) {
    return locks[indexOf(entry.keyHash())];
  }

  int count() {
    return locks.length;
  }

  ReentrantLock at(int index) {
    return locks[index];
  }

  /**
   * Returns the index of the key's lock. The mapping depends on secrets, so that an attacker can't
   * choose keys that share a lock (contract S2), except strings with equal hashCodes: reading the
   * whole string would make a put 15 % slower.
   */
  int index(Object key) {
    return indexOf(hasher.keyHash(key));
  }

  private int indexOf(int keyHash) {
    return (int) ((keyHash * FRACTION) >>> Integer.SIZE) & (locks.length - 1);
  }

  /**
   * Increments the version of the key's lock. Called under the lock when the key's value moves
   * between the tiers: after the value is in its new place, and before it leaves the old one.
   */
  void incrementVersion(Object key) {
    incrementVersionAt(index(key));
  }

  /** As {@link #incrementVersion}, for an entry's key. */
  void incrementVersionOf(Entry entry) {
    incrementVersionAt(indexOf(entry.keyHash()));
  }

  private void incrementVersionAt(int index) {
    int at = index * STRIDE;
    versions.setRelease(at, versions.getPlain(at) + 1); // the lock keeps other writers out
  }

  /**
   * Returns the version of the key's lock. It changes when the value of the key, or of a key that
   * shares the lock, moves between the tiers. If a lookup in index, spill and file finds nothing,
   * and the version is the same before and after it, the key has no value.
   */
  int version(Object key) {
    return versions.get(index(key) * STRIDE);
  }

  /** Returns how many locks are held. */
  int lockedCount() {
    int count = 0;
    for (ReentrantLock lock : locks) {
      count += lock.isLocked() ? 1 : 0;
    }
    return count;
  }

  /**
   * Begins or ends a read-modify-write operation, under the lock of this index. A load that this
   * operation supersedes began after the operation had checked for loads, so the load is ordered
   * after it (R4).
   *
   * @return whether such an operation was already under way, for this key or one that shares its
   *     lock
   */
  boolean setReadModifyWrite(int at, boolean now) {
    boolean before = readModifyWrite[at];
    readModifyWrite[at] = now;
    return before;
  }

  /** Returns whether a read-modify-write operation is under way, under the key's lock. */
  boolean isReadModifyWrite(Object key) {
    return readModifyWrite[index(key)];
  }

  /** Takes all locks in ascending order, so that two callers can't deadlock. */
  void lockAll() {
    for (ReentrantLock lock : locks) {
      lock.lock();
    }
  }

  void unlockAll() {
    for (int i = locks.length - 1; i >= 0; i--) {
      locks[i].unlock();
    }
  }
}
