package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.RemovalListener;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Codec;
import dev.carafe.base.ErrorLog;
import dev.carafe.spi.Hooks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts the values that have left the cache, and notifies the listeners. A value that has left
 * only memory is still in the cache.
 *
 * <p>Listeners get a copy: the value's bytes are copied before the chunk is freed, and decoded on
 * the thread of the listener. Without a listener, no bytes are copied. Exceptions of a listener or
 * of the codec are logged and suppressed (contract F5).
 *
 * @param <K> keys
 * @param <V> values
 */
final class RemovalNotifier<K, V> {
  /** Copies a value's bytes. */
  static final Function<MemorySegment, byte[]> COPY = bytes -> bytes.toArray(ValueLayout.JAVA_BYTE);

  /** Returns the length of a value. */
  static final Function<MemorySegment, Integer> LENGTH = bytes -> (int) bytes.byteSize();

  private final @Nullable RemovalListener<K, V> removal;
  private final @Nullable RemovalListener<K, V> eviction;
  private final ExecutorTasks tasks;
  private final Codec<V> codec;
  private final StatsCounter stats;

  RemovalNotifier(Hooks<K, V> hooks, Codec<V> codec, StatsCounter stats, ExecutorTasks tasks) {
    this.removal = hooks.removal();
    this.eviction = hooks.eviction();
    this.tasks = tasks;
    this.codec = codec;
    this.stats = stats;
  }

  StatsCounter stats() {
    return stats;
  }

  /** Returns the runner of the engine's tasks on the application's executor. */
  ExecutorTasks tasks() {
    return tasks;
  }

  /** Returns the log of exceptions that can't be thrown to a caller. */
  ErrorLog errors() {
    return tasks.errors();
  }

  /** Returns whether there is a listener, which needs the values. */
  boolean hasListeners() {
    return removal != null || eviction != null;
  }

  /** Returns whether there is a listener or a statistics counter. */
  boolean hasListenersOrStats() {
    return hasListeners() || stats != StatsCounter.disabledStatsCounter();
  }

  /**
   * Counts a value that has left the cache, and notifies the listeners.
   *
   * @param key its key; null if the codec can't decode it, and the listeners are not notified
   * @param valueBytes its length
   * @param value a copy of its bytes; null if there is no listener or the value can't be read
   */
  void notifyRemoved(@Nullable K key, int valueBytes, byte @Nullable [] value, RemovalCause cause) {
    countRemoved(valueBytes, cause);
    if (key != null && value != null) {
      RemovalListener<K, V> evicted = eviction;
      if (evicted != null && cause.wasEvicted()) {
        notifyListener(evicted, key, value, cause);
      }
      RemovalListener<K, V> removed = removal;
      if (removed != null) {
        tasks.run(() -> notifyListener(removed, key, value, cause));
      }
    }
  }

  /** Counts a value that has left the cache. */
  void countRemoved(int valueBytes, RemovalCause cause) {
    if (cause.wasEvicted()) {
      stats.recordEviction(valueBytes, cause);
    }
  }

  /**
   * Counts a value that no tier can hold, and notifies the listeners unless the value is null,
   * because no object was created.
   */
  void notifyEvictedOnWrite(K key, int valueBytes, @Nullable V value) {
    stats.recordEviction(valueBytes, RemovalCause.SIZE);
    if (value != null) {
      RemovalListener<K, V> evicted = eviction;
      if (evicted != null) {
        notifyListener(evicted, key, value, RemovalCause.SIZE);
      }
      notifyDiscarded(key, value, RemovalCause.SIZE);
    }
  }

  /**
   * Notifies the removal listener of a value that was not stored, such as that of a superseded
   * refresh.
   */
  void notifyDiscarded(K key, V value, RemovalCause cause) {
    RemovalListener<K, V> removed = removal;
    if (removed != null) {
      tasks.run(() -> notifyListener(removed, key, value, cause));
    }
  }

  private void notifyListener(
      RemovalListener<K, V> listener, K key, byte[] value, RemovalCause cause) {
    V decoded;
    try {
      decoded =
          requireNonNull(
              codec.decode(MemorySegment.ofArray(value).asReadOnly()),
              "the codec's decode returned null");
    } catch (Throwable t) {
      tasks
          .errors()
          .report("the codec can't decode a removed value; the listener is not notified", t);
      return;
    }
    notifyListener(listener, key, decoded, cause);
  }

  private void notifyListener(RemovalListener<K, V> listener, K key, V value, RemovalCause cause) {
    try {
      listener.onRemoval(key, value, cause);
    } catch (Throwable t) {
      tasks.errors().report("a removal or eviction listener threw", t);
    }
  }
}
