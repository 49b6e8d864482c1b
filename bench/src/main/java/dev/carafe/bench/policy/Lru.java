package dev.carafe.bench.policy;

/** Evicts the least recently used key. */
final class Lru extends EvictingMemory {
  private final KeyQueue queue;

  Lru(int keyCount, long capacityBytes) {
    super(keyCount, capacityBytes);
    queue = new KeyQueue(keyCount);
  }

  @Override
  void hit(int key) {
    queue.remove(key);
    queue.addFirst(key);
  }

  @Override
  void insert(int key) {
    queue.addFirst(key);
  }

  @Override
  void unlink(int key) {
    queue.remove(key);
  }

  @Override
  int selectVictim() {
    int victim = queue.last();
    queue.remove(victim);
    return victim;
  }
}
