package dev.carafe.cache;

import dev.carafe.tier.FileKey;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Computations: atomic read-modify-writes of single keys, under the key's lock (contract R4).
 *
 * <p>Proved by {@code TiersLincheckTest}, {@code FlightsTest} and {@code SameAsCaffeineTest}.
 *
 * @param <K> keys
 * @param <V> values
 */
final class Computations<K, V> {
  /** A result of the function of {@link #update} that is not a value. */
  enum Change {
    /** Keeps the entry as it is. */
    NONE
  }

  /** One operation waits for this many loads. Then it supersedes the load under way. */
  private static final int MAX_WAITS = 64;

  private final Tiers<K> tiers;
  private final Values<V> values;
  private final Reads<K> reads;
  private final Writes<K, V> writes;
  private final Writes<K, V> rewrites;
  private final Gate gate;

  Computations(Tiers<K> tiers, Values<V> values, Reads<K> reads, Writes<K, V> writes, Gate gate) {
    this.tiers = tiers;
    this.values = values;
    this.reads = reads;
    this.writes = writes;
    this.rewrites = writes.ofRewrites();
    this.gate = gate;
  }

  /** Returns the key's value, which counts as a read of it; writes this value if there is none. */
  @Nullable V putIfAbsent(K key, V value) {
    V present = update(key, (k, before) -> before == null ? value : Change.NONE);
    if (present != null && tiers.cache.expiration().isOn()) {
      var _ = reads.fetch(key, bytes -> "");
    }
    return present;
  }

  /**
   * Reads a value, computes its replacement and writes that as one atomic step.
   *
   * @param decide takes the key's value or null; returns the new value, null to remove the key, or
   *     {@link Change#NONE}
   * @return the previous value
   */
  @Nullable V update(K key, BiFunction<? super K, @Nullable V, @Nullable Object> decide) {
    return update(key, decide, null);
  }

  /** As above, with the expiration time of the new value if it is not null. */
  @Nullable V update(
      K key,
      BiFunction<? super K, @Nullable V, @Nullable Object> decide,
      @Nullable Long expiresAtNanos) {
    int at = tiers.storage.locks.index(key); // computed once, since the key's hashCode may throw
    ReentrantLock lock = tiers.storage.locks.at(at);
    int pass = lockAfterLoad(key, lock);
    boolean nested = tiers.storage.locks.setReadModifyWrite(at, true);
    try {
      Load load = tiers.cache.flights().get(key);
      V before = writes.current(key);
      Object after = decide.apply(key, before);
      if (after == Change.NONE) {
        return before;
      }
      FileKey bytes = tiers.keyBytes(key);
      if (after != null) {
        @SuppressWarnings("unchecked")
        V value = (V) after;
        Writes<K, V> target = after == before ? rewrites : writes;
        if (expiresAtNanos == null) {
          target.put(key, bytes, value);
        } else {
          target.put(key, bytes, value, expiresAtNanos);
        }
      } else if (before != null || (load != null && load.isLoading()) || values.hasUnreadable()) {
        tiers.remove(key, bytes);
      } else {
        tiers.removeExpired(key);
      }
      return before;
    } finally {
      tiers.storage.locks.setReadModifyWrite(at, nested);
      lock.unlock();
      gate.exit(pass);
      writes.drainSpill();
    }
  }

  /**
   * Enters the gate and takes the key's lock when no load of the key is under way. As in Caffeine,
   * an operation that returns the previous value waits for the load and finds its value (R4). A
   * loader that changes its own key does not wait, nor does a computation that already holds the
   * lock; in these cases a removal supersedes the load.
   *
   * @return the pass of the gate
   */
  private int lockAfterLoad(K key, ReentrantLock lock) {
    for (int attempt = 0; ; attempt++) {
      int pass = gate.enter();
      lock.lock();
      Load load = null;
      boolean kept = false;
      try {
        load =
            lock.getHoldCount() > 1 || attempt >= MAX_WAITS ? null : tiers.cache.flights().get(key);
        if (load == null || !load.isLoading() || load.isOwnedByCurrentThread()) {
          kept = true;
          return pass;
        }
      } finally {
        if (!kept) {
          lock.unlock();
          gate.exit(pass);
        }
      }
      var _ = load.await(key);
    }
  }
}
