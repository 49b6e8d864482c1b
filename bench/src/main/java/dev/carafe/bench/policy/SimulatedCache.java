package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;

/** A memory tier over a file tier. Evicted values go to the file. */
final class SimulatedCache {
  private final SimulatedMemory memory;
  private final SimulatedFile file;
  private long gets;
  private long getBytes;
  private long memoryHits;
  private long memoryHitBytes;
  private long fileHits;
  private long fileHitBytes;

  SimulatedCache(SimulatedMemory memory, SimulatedFile file) {
    this.memory = memory;
    this.file = file;
    memory.onEviction(key -> file.put(key, memory.size(key)));
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
    getBytes += size;
    boolean inFile = memory.size(key) == 0 && file.get(key);
    if (memory.get(key, size)) {
      memoryHits++;
      memoryHitBytes += size;
    } else if (inFile) {
      fileHits++;
      fileHitBytes += size;
    }
  }

  private void put(int key, int size) {
    file.remove(key);
    memory.put(key, size);
  }

  private void remove(int key) {
    memory.remove(key);
    file.remove(key);
  }

  long memoryHits() {
    return memoryHits;
  }

  double hitRatio() {
    return (double) (memoryHits + fileHits) / Math.max(1, gets);
  }

  double byteHitRatio() {
    return (double) (memoryHitBytes + fileHitBytes) / Math.max(1, getBytes);
  }

  long writtenBytes() {
    return file.writtenBytes();
  }
}
