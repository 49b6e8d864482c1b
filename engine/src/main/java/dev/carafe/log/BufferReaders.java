package dev.carafe.log;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the readers of an extent buffer. If a writer needs the buffer while it has readers, the
 * writer waits for the {@link EventCount}, and the last reader signals it. Without this signal the
 * writer could wait until its time limit, and the reclaimer without end.
 *
 * <p>Proved by {@code BufferReadersTest}.
 */
final class BufferReaders {
  private final EventCount changes;
  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean awaited;

  BufferReaders(EventCount changes) {
    this.changes = changes;
  }

  void enter() {
    count.getAndIncrement();
  }

  /** Ends a read. Signals if a writer waits and this was the last reader. */
  void exit() {
    if (count.decrementAndGet() == 0 && awaited) {
      awaited = false;
      changes.signal();
    }
  }

  /** Whether there is no reader. Otherwise the last reader signals. */
  boolean isEmpty() {
    if (count.get() == 0) {
      return true;
    }
    awaited =
        true; // before the second check: either the last reader reads it, or this thread reads 0
    return count.get() == 0;
  }
}
