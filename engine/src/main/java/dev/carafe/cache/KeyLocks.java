package dev.carafe.cache;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One lock for the writers of a key, shared by some keys.
 *
 * <p>First in the lock order: Caffeine's locks, the file tier's lock and the pool's come after it.
 * No loader runs under it; a computation of {@code asMap()} does.
 */
final class KeyLocks {
  private static final int STRIDE = 16; // 64 bytes, so that two counts do not meet

  private final long secret;
  private final long multiplier;
  private final ReentrantLock[] locks;
  private final AtomicIntegerArray moves;

  /** Each guarded by its lock: whether an operation that says what it found is under way. */
  private final boolean[] readModifyWrite;

  KeyLocks(int count) {
    SecureRandom random = new SecureRandom();
    secret = random.nextLong();
    multiplier = random.nextLong() | 1;
    locks = new ReentrantLock[count];
    moves = new AtomicIntegerArray(count * STRIDE);
    readModifyWrite = new boolean[count];
    for (int i = 0; i < count; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  ReentrantLock of(Object key) {
    return locks[index(key)];
  }

  int count() {
    return locks.length;
  }

  ReentrantLock at(int index) {
    return locks[index];
  }

  /**
   * Which lock is the key's. Secrets decide, so that keys of another key's lock can't be chosen
   * (contract S2), except strings of its hashCode: to read all of a string costs a put 15 %.
   */
  int index(Object key) {
    long hash =
        switch (key) {
          case Long number -> mixed(secret, number);
          case UUID id ->
              mixed(mixed(secret, id.getMostSignificantBits()), id.getLeastSignificantBits());
          default -> mixed(secret, key.hashCode());
        };
    return (int) (hash ^ hash >>> 32) & (locks.length - 1);
  }

  private long mixed(long hash, long word) {
    long factor = hash ^ word;
    return Math.multiplyHigh(factor, multiplier) ^ factor * multiplier; // each bit decides
  }

  /**
   * Under the key's lock, after the key's value is in its next place and before anything of the key
   * leaves another place.
   */
  void moved(Object key) {
    int at = index(key) * STRIDE;
    moves.setRelease(at, moves.getPlain(at) + 1); // the lock keeps other writers out
  }

  /**
   * How often a value of this key, or of one that shares its lock, moved between places. A look
   * into all places found a key in none of them if this number is the same before and after it.
   */
  int moves(Object key) {
    return moves.get(index(key) * STRIDE);
  }

  /** How many are held at this moment. */
  int lockedCount() {
    int count = 0;
    for (ReentrantLock lock : locks) {
      count += lock.isLocked() ? 1 : 0;
    }
    return count;
  }

  /**
   * Under the key's lock: begins or ends an operation that says what it found. A load that it
   * supersedes began after it looked for loads, and comes after it (R4).
   *
   * @return whether one was under way already, for this key or one that shares its lock
   */
  boolean setReadModifyWrite(Object key, boolean now) {
    int at = index(key);
    boolean before = readModifyWrite[at];
    readModifyWrite[at] = now;
    return before;
  }

  /** Under the key's lock. */
  boolean isReadModifyWrite(Object key) {
    return readModifyWrite[index(key)];
  }

  /** In one order, so that two callers can't lock each other out. */
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
