package dev.carafe.redis;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/** The versions that were written to a key, and when the server acknowledged them. */
final class Writes {
  /** Held by the one that writes. */
  final ReentrantLock writing = new ReentrantLock();

  private final ArrayDeque<Acknowledged> acknowledged = new ArrayDeque<>();
  private long last;

  private record Acknowledged(long version, long time) {}

  /** Returns the version of the next write. The caller holds the lock. */
  long next() {
    return ++last;
  }

  /** Notes that a write was acknowledged by now. The caller holds the lock. */
  synchronized void acknowledge(long version) {
    acknowledged.add(new Acknowledged(version, System.nanoTime()));
  }

  /** Returns the last version acknowledged before a time; forgets the ones before it. */
  synchronized long before(long time) {
    long version = 0;
    while (!acknowledged.isEmpty() && acknowledged.getFirst().time - time < 0) {
      version = acknowledged.removeFirst().version;
    }
    if (version > 0) {
      acknowledged.addFirst(new Acknowledged(version, time - 1));
    }
    return version;
  }

  /** Returns the last version that was acknowledged. */
  synchronized long latest() {
    return acknowledged.isEmpty() ? 0 : acknowledged.getLast().version;
  }
}
