package dev.carafe.cache;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keys whose values moved up while all places are walked through.
 *
 * <p>A walk goes through index, spill and file in this order, so it can't miss a value that moves
 * down meanwhile. One that is overwritten moves the other way: into the index behind the walk, then
 * out of spill and file before the walk comes there. Its key is noted here in between.
 *
 * @param <K> keys
 */
final class Walks<K> {
  private final Set<K> movedUp = ConcurrentHashMap.newKeySet();
  private volatile int underWay;

  /** Before the first place is looked at. */
  synchronized void begin() {
    if (underWay == 0) {
      movedUp.clear();
    }
    underWay++;
  }

  /** Before the key's older value leaves spill or file, and after its newer one is in the index. */
  void movedUp(K key) {
    if (underWay > 0) {
      movedUp.add(key);
    }
  }

  /** After the last place was looked at: the keys that may have been missed. */
  Set<K> movedUp() {
    return movedUp;
  }

  /** After {@link #movedUp()} was looked at. */
  synchronized void end() {
    underWay--;
    if (underWay == 0) {
      movedUp.clear();
    }
  }
}
