package dev.carafe.hotrod;

import dev.carafe.spi.KeyBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The reads of the server that are under way, by key. The client marks each with a placeholder. It
 * leaves the placeholder of a read that failed: a read is overdue after ten seconds, and the next
 * one of the key, or of another key when there are too many, takes its place.
 */
final class Reads {
  static final int MOST_READS = 1 << 16;
  static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ConcurrentHashMap<KeyBytes, Read> running = new ConcurrentHashMap<>();
  private final LongSupplier clock;
  private final AtomicLong purgedAt;

  /**
   * Creates it.
   *
   * @param clock as {@link System#nanoTime}
   */
  Reads(LongSupplier clock) {
    this.clock = clock;
    this.purgedAt = new AtomicLong(clock.getAsLong());
  }

  /**
   * A read.
   *
   * @param placeholder compared by identity
   * @param epoch in which it began
   * @param since when it began, by the clock
   */
  record Read(Object placeholder, Epoch epoch, long since) {
    boolean isOverdue(long now) {
      return now - since > OVERDUE_NANOS;
    }
  }

  /** Registers a read, unless another one of the key is under way. Returns whether it did. */
  boolean begin(KeyBytes key, Object placeholder, Epoch epoch) {
    long now = clock.getAsLong();
    if (running.mappingCount() >= MOST_READS && !purge(now)) {
      return false;
    }
    Read mine = new Read(placeholder, epoch, now);
    return running.compute(key, (same, old) -> old == null || old.isOverdue(now) ? mine : old)
        == mine;
  }

  /** Removes overdue reads, at most once a second. Returns whether there is room then. */
  private boolean purge(long now) {
    long last = purgedAt.get();
    if (now - last > TimeUnit.SECONDS.toNanos(1) && purgedAt.compareAndSet(last, now)) {
      // By key, so that a read whose value is being stored stays visible until that is done.
      for (KeyBytes key : running.keySet()) {
        running.computeIfPresent(key, (same, read) -> read.isOverdue(now) ? null : read);
      }
    }
    return running.mappingCount() < MOST_READS;
  }

  /**
   * Ends a read, if no invalidation has ended it.
   *
   * @param action runs before the read ends and before any later invalidation of the key
   * @return whether the action ran
   */
  boolean end(KeyBytes key, Object placeholder, Consumer<Read> action) {
    boolean[] isMine = {false};
    try {
      running.computeIfPresent(
          key,
          (same, read) -> {
            if (read.placeholder != placeholder) {
              return read;
            }
            isMine[0] = true;
            action.accept(read);
            return null;
          });
    } catch (RuntimeException | Error e) {
      running.computeIfPresent(key, (same, read) -> read.placeholder == placeholder ? null : read);
      throw e;
    }
    return isMine[0];
  }

  /**
   * Ends the read of a key, whichever it is.
   *
   * @param action runs after the end of an earlier read and before that of a later one
   */
  void cancel(KeyBytes key, Runnable action) {
    running.remove(key); // takes effect even if the action throws
    running.compute(
        key,
        (same, read) -> {
          action.run();
          return null;
        });
  }

  /** Ends all reads. */
  void clear() {
    running.clear();
  }

  /** Returns the keys that are being read. */
  List<KeyBytes> keys() {
    return new ArrayList<>(running.keySet());
  }
}
