package dev.carafe.bench.policy;

import java.util.BitSet;

/**
 * SIEVE (Zhang and others, NSDI 2024): a FIFO queue with a hand that moves from the oldest to newer
 * keys. It evicts the first key that was not read since the hand last passed it.
 */
final class Sieve extends EvictingMemory {
  private final KeyQueue queue;
  private final BitSet visited;
  private int hand = KeyQueue.NONE;

  Sieve(int keyCount, long capacityBytes) {
    super(keyCount, capacityBytes);
    queue = new KeyQueue(keyCount);
    visited = new BitSet(keyCount);
  }

  @Override
  void hit(int key) {
    visited.set(key);
  }

  @Override
  void insert(int key) {
    visited.clear(key);
    queue.addFirst(key);
  }

  @Override
  void unlink(int key) {
    if (hand == key) {
      hand = queue.newerThan(key);
    }
    queue.remove(key);
  }

  @Override
  int selectVictim() {
    int victim = fromHand();
    while (visited.get(victim)) {
      visited.clear(victim);
      hand = queue.newerThan(victim);
      victim = fromHand();
    }
    hand = victim;
    unlink(victim);
    return victim;
  }

  private int fromHand() {
    return hand == KeyQueue.NONE ? queue.last() : hand;
  }
}
