package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import java.util.List;

/**
 * A memory tier over a file tier. There can be several file tiers, whose results are independent of
 * each other: a value that the file had enters memory as a value that is put after a miss does, so
 * that memory does not depend on the file.
 */
final class SimulatedCache {
  private final SimulatedMemory memory;
  private final List<SimulatedFileTier> files;
  private final boolean[] wasRead; // by key: whether memory has answered a read since it was put
  private long gets;
  private long memoryHits;

  SimulatedCache(int keyCount, SimulatedMemory memory, List<SimulatedFileTier> files) {
    this.memory = memory;
    this.files = List.copyOf(files);
    wasRead = new boolean[keyCount];
    memory.onEviction(this::evicted);
  }

  private void evicted(int key) {
    for (SimulatedFileTier file : files) {
      file.evicted(key, memory.size(key), wasRead[key]);
    }
  }

  /** Replays a trace. A miss puts the key. */
  SimulatedCache replay(Trace trace) {
    for (int request = 0; request < trace.requests(); request++) {
      int key = trace.keyId(request);
      int size = trace.size(request);
      switch (trace.op(request)) {
        case Trace.GET -> get(key, size);
        case Trace.SET -> put(key, size);
        default -> remove(key);
      }
    }
    return this;
  }

  private void get(int key, int size) {
    gets++;
    boolean held = memory.size(key) > 0;
    wasRead[key] = held;
    if (!held) {
      for (SimulatedFileTier file : files) {
        file.get(key, size);
      }
    }
    if (memory.get(key, size)) {
      memoryHits++;
    }
  }

  private void put(int key, int size) {
    removeFromFiles(key);
    wasRead[key] = false;
    memory.put(key, size);
  }

  private void remove(int key) {
    memory.remove(key);
    removeFromFiles(key);
  }

  private void removeFromFiles(int key) {
    for (SimulatedFileTier file : files) {
      file.remove(key);
    }
  }

  /** The results with each of the files. */
  List<Result> results() {
    return files.stream()
        .map(file -> {
          double hitRatio = (double) (memoryHits + file.hits()) / Math.max(1, gets);
          return new Result(memoryHits, hitRatio, file.writtenBytes());
        })
        .toList();
  }

  /**
   * The result with a file.
   *
   * @param memoryHits the reads that memory answered
   * @param hitRatio the part of the reads that memory or the file answered
   * @param writtenBytes the bytes written to the file
   */
  record Result(long memoryHits, double hitRatio, long writtenBytes) {}
}
