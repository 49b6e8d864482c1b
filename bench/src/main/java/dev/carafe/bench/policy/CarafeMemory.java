package dev.carafe.bench.policy;

import java.util.function.IntConsumer;

/** A memory tier with the {@link DuelingPolicy}. */
final class CarafeMemory implements SimulatedMemory {
  private final int[] sizes; // 0: not cached
  private final long capacityBytes;
  private final DuelingPolicy policy;
  private IntConsumer evictionListener = key -> {};

  CarafeMemory(int keyCount, long capacityBytes) {
    sizes = new int[keyCount];
    this.capacityBytes = capacityBytes;
    policy =
        new DuelingPolicy(
            capacityBytes,
            key -> {
              evictionListener.accept(key);
              sizes[key] = 0;
            });
  }

  @Override
  public void onEviction(IntConsumer listener) {
    evictionListener = listener;
  }

  @Override
  public boolean get(int key, int size) {
    if (sizes[key] > 0) {
      policy.read(key, hash(key), sizes[key]);
      return true;
    }
    put(key, size);
    return false;
  }

  @Override
  public void put(int key, int size) {
    int bytes = Math.max(1, size);
    if (sizes[key] == bytes) {
      policy.read(key, hash(key), bytes);
      return;
    }
    remove(key);
    if (bytes <= capacityBytes) {
      sizes[key] = bytes;
      policy.add(key, hash(key), bytes);
    }
  }

  @Override
  public void remove(int key) {
    if (sizes[key] > 0) {
      policy.remove(key, hash(key));
      sizes[key] = 0;
    }
  }

  @Override
  public int size(int key) {
    return sizes[key];
  }

  /** Mixes the bits of a key. */
  static long hash(int key) {
    long hash = (key + 1) * 0x9E37_79B9_7F4A_7C15L;
    hash = (hash ^ (hash >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
    hash = (hash ^ (hash >>> 27)) * 0x94D0_49BB_1331_11EBL;
    return hash ^ (hash >>> 31);
  }
}
