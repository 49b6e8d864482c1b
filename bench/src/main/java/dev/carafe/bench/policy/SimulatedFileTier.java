package dev.carafe.bench.policy;

import dev.carafe.tier.AdmissionPolicy;
import org.jspecify.annotations.Nullable;

/** A file with a choice of what is written to it. */
final class SimulatedFileTier {
  private final SimulatedFile file;
  private final AdmissionKind admission;
  private final @Nullable AdmissionPolicy policy;
  private long hits;

  SimulatedFileTier(int keyCount, long capacityBytes, AdmissionKind admission) {
    file = new SimulatedFile(keyCount, capacityBytes);
    this.admission = admission;
    policy = admission.policy(capacityBytes);
  }

  /** Reads a key that memory does not have. */
  void get(int key, int size) {
    if (policy != null) {
      policy.lookedUp(hash(key));
    }
    if (file.get(key)) {
      hits++;
    } else if (admission == AdmissionKind.MISSES) {
      file.put(key, Math.max(1, size));
    }
  }

  /** Offers a value that memory has evicted. */
  void evicted(int key, int bytes, boolean wasRead) {
    boolean admitted =
        policy == null
            ? admission == AdmissionKind.EVICTIONS
            : policy.evicted(hash(key), bytes, wasRead, file.isFullFor(bytes));
    if (admitted) {
      file.put(key, bytes);
    }
  }

  void remove(int key) {
    file.remove(key);
    if (policy != null) {
      policy.removed(hash(key));
    }
  }

  private static int hash(int key) {
    return (int) CarafeMemory.hash(key);
  }

  long hits() {
    return hits;
  }

  long writtenBytes() {
    return file.writtenBytes();
  }
}
