package dev.carafe.cache;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One lock for the writers of a key, shared by keys of equal hash.
 *
 * <p>First in the lock order: Caffeine's locks, the file tier's lock and the pool's come after it.
 * No loader runs under it; a computation of {@code asMap()} does.
 */
final class KeyLocks {
  private static final int STRIDE = 16; // 64 bytes, so that two counts do not meet

  private final ReentrantLock[] locks;
  private final AtomicIntegerArray moves;

  KeyLocks(int count) {
    locks = new ReentrantLock[count];
    moves = new AtomicIntegerArray(count * STRIDE);
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

  /** Which lock is the key's. */
  int index(Object key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return (hash >>> 16) & (locks.length - 1);
  }

  /** The key's value is in the file, and about to leave memory. */
  void movedDown(Object key) {
    moves.getAndIncrement(index(key) * STRIDE);
  }

  /** How often a value of this key, or of one that shares its lock, moved down. */
  int moves(Object key) {
    return moves.get(index(key) * STRIDE);
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
