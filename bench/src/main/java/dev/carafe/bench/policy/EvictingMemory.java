package dev.carafe.bench.policy;

import java.util.function.IntConsumer;

/** A memory tier whose policy selects a victim when a new key exceeds the capacity. */
abstract class EvictingMemory implements SimulatedMemory {
  final long capacityBytes;
  private final int[] sizes; // 0: not cached
  private long usedBytes;
  private IntConsumer evictionListener = key -> {};

  EvictingMemory(int keyCount, long capacityBytes) {
    this.capacityBytes = capacityBytes;
    this.sizes = new int[keyCount];
  }

  @Override
  public final void onEviction(IntConsumer listener) {
    evictionListener = listener;
  }

  @Override
  public final boolean get(int key, int size) {
    if (sizes[key] > 0) {
      hit(key);
      return true;
    }
    put(key, size);
    return false;
  }

  @Override
  public final void put(int key, int size) {
    int bytes = Math.max(1, size);
    if (sizes[key] == bytes) {
      hit(key);
      return;
    }
    remove(key);
    if (bytes <= capacityBytes) {
      makeRoom(bytes);
      sizes[key] = bytes;
      usedBytes += bytes;
      insert(key);
    }
  }

  @Override
  public final void remove(int key) {
    if (sizes[key] > 0) {
      unlink(key);
      forget(key);
    }
  }

  private void forget(int key) {
    usedBytes -= sizes[key];
    sizes[key] = 0;
  }

  private void makeRoom(int bytes) {
    while (usedBytes + bytes > capacityBytes) {
      int victim = selectVictim();
      evictionListener.accept(victim);
      forget(victim);
    }
  }

  @Override
  public final int size(int key) {
    return sizes[key];
  }

  /** Records a read of a cached key, or a write with the same size. */
  abstract void hit(int key);

  /** Adds a key. */
  abstract void insert(int key);

  /** Removes a key that is not evicted. */
  abstract void unlink(int key);

  /** Removes and returns the key to evict. At least one key is cached. */
  abstract int selectVictim();
}
