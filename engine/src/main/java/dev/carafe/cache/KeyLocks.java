package dev.carafe.cache;

import java.util.concurrent.locks.ReentrantLock;

/**
 * One lock for the writers of a key, shared by keys of equal hash.
 *
 * <p>First in the lock order: Caffeine's locks, the file tier's lock and the pool's come after it.
 * No loader runs under it; a computation of {@code asMap()} does.
 */
final class KeyLocks {
  private final ReentrantLock[] locks;

  KeyLocks(int count) {
    locks = new ReentrantLock[count];
    for (int i = 0; i < count; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  ReentrantLock of(Object key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return locks[(hash >>> 16) & (locks.length - 1)];
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
