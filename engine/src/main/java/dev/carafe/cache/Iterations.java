package dev.carafe.cache;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The iterations over all entries that are active, and the keys that were overwritten meanwhile.
 *
 * <p>An iteration visits index, spill and file in this order, so it can't miss a value that is
 * demoted meanwhile. It can miss a value that is overwritten: the new value enters the index after
 * the iteration has visited the index, and the old value leaves spill and file before the iteration
 * visits them. So the key is added here between these two steps.
 *
 * @param <K> keys
 */
final class Iterations<K> {
  private final Set<K> overwritten = ConcurrentHashMap.newKeySet();
  private volatile int active;

  /** Called before the iteration visits the index. */
  synchronized void begin() {
    if (active == 0) {
      overwritten.clear();
    }
    active++;
  }

  /** Called after the new value is in the index, and before the old one leaves spill or file. */
  void addOverwritten(K key) {
    if (active > 0) {
      overwritten.add(key);
    }
  }

  /** Returns the keys that the iteration may have missed. Called after it has visited the file. */
  Set<K> overwrittenKeys() {
    return overwritten;
  }

  /** Called after the result of {@link #overwrittenKeys()} was processed. */
  synchronized void end() {
    active--;
    if (active == 0) {
      overwritten.clear();
    }
  }
}
