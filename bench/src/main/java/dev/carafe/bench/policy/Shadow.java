package dev.carafe.bench.policy;

import java.util.Arrays;

/** A shadow cache: sampled hashes without values, under one rule. */
final class Shadow {
  private final HashIndex index = new HashIndex();
  private final WindowedPolicy policy;
  private final long capacityBytes;
  private long[] hashes = new long[64];
  private int[] sizes = new int[64];
  private int[] free = new int[64];
  private int freeCount;
  private int used;

  Shadow(long capacityBytes, WindowRule rule) {
    this.capacityBytes = capacityBytes;
    policy = new WindowedPolicy(capacityBytes, rule, this::forget);
  }

  int held() {
    return policy.held();
  }

  /** Reads a hash, and adds it on a miss. Returns whether it was a hit with the same size. */
  boolean use(long hash, int bytes) {
    int entry = index.get(hash);
    if (entry != HashIndex.NONE && sizes[entry] == bytes) {
      policy.read(entry);
      return true;
    }
    remove(hash);
    if (bytes <= capacityBytes) {
      entry = freeCount > 0 ? free[--freeCount] : newEntry();
      hashes[entry] = hash;
      sizes[entry] = bytes;
      index.put(hash, entry);
      policy.add(entry, hash, bytes);
    }
    return false;
  }

  void remove(long hash) {
    int entry = index.get(hash);
    if (entry != HashIndex.NONE) {
      policy.remove(entry);
      forget(entry);
    }
  }

  private int newEntry() {
    if (used == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * used);
      sizes = Arrays.copyOf(sizes, 2 * used);
      free = Arrays.copyOf(free, 2 * used);
    }
    return used++;
  }

  private void forget(int entry) {
    index.remove(hashes[entry]);
    free[freeCount++] = entry;
  }
}
