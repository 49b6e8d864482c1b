package dev.carafe.cache;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The keys whose values moved up during an iteration over all places.
 *
 * <p>An iteration visits index, spill and file in this order, so it can't miss a value that moves
 * down meanwhile. An overwritten value moves up: the new value enters the index behind the
 * iteration, and the old one leaves spill and file before the iteration reaches them. Between these
 * two steps the key is added here.
 *
 * @param <K> keys
 */
final class Walks<K> {
  private final Set<K> movedUp = ConcurrentHashMap.newKeySet();
  private volatile int underWay;

  /** Called before the iteration visits the first place. */
  synchronized void begin() {
    if (underWay == 0) {
      movedUp.clear();
    }
    underWay++;
  }

  /** Called after the new value is in the index, and before the old one leaves spill or file. */
  void movedUp(K key) {
    if (underWay > 0) {
      movedUp.add(key);
    }
  }

  /**
   * Returns the keys that the iteration may have missed. Called after it has visited the last
   * place.
   */
  Set<K> movedUp() {
    return movedUp;
  }

  /** Called after the result of {@link #movedUp()} was processed. */
  synchronized void end() {
    underWay--;
    if (underWay == 0) {
      movedUp.clear();
    }
  }
}
