package dev.carafe.log;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the readers of an extent buffer. A writer that needs the buffer and finds a reader waits
 * for the {@link EventCount}, so the last reader signals it then. Otherwise no event might follow,
 * and the writer would wait for its whole time limit, or the reclaimer for ever.
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

  /** Ends a read. Signals if a writer has found a reader and this was the last one. */
  void leave() {
    if (count.decrementAndGet() == 0 && awaited) {
      awaited = false;
      changes.signal();
    }
  }

  /** Whether there is no reader. If there is one, the last of them signals. */
  boolean areNone() {
    if (count.get() == 0) {
      return true;
    }
    awaited = true; // before the second look: the last reader sees it, or is seen to have left
    return count.get() == 0;
  }
}
