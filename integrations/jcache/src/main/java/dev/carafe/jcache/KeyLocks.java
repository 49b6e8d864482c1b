package dev.carafe.jcache;

import dev.carafe.spi.KeyBytes;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The locks of a cache's keys: the hash of a key's bytes selects one of them. Thread-safe. */
final class KeyLocks {
  private static final int COUNT = 256;

  private final ReentrantLock[] locks = new ReentrantLock[COUNT];

  KeyLocks() {
    for (int i = 0; i < COUNT; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /** Runs a step under the lock of a key. */
  <R extends @Nullable Object> R locked(KeyBytes key, Supplier<R> step) {
    ReentrantLock lock = locks[key.hashCode() & (COUNT - 1)];
    lock.lock();
    try {
      return step.get();
    } finally {
      lock.unlock();
    }
  }
}
