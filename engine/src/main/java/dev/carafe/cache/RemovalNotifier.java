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
 * Counts and tells what has left the cache as a whole. A value that only leaves memory is still
 * there.
 *
 * <p>Listeners get a copy: the value's bytes are taken while they are there, and decoded where the
 * listener runs. Nobody is told while there is no listener, and no byte is copied. What a listener
 * or the codec throws there is swallowed (contract F5).
 *
 * @param <K> keys
 * @param <V> values
 */
final class RemovalNotifier<K, V> {
  /** Takes a value's bytes. */
  static final Function<MemorySegment, byte[]> COPY = bytes -> bytes.toArray(ValueLayout.JAVA_BYTE);

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

  /** The engine's own tasks on the application's executor. */
  ExecutorTasks tasks() {
    return tasks;
  }

  /** Where exceptions go that nothing can propagate. */
  ErrorLog errors() {
    return tasks.errors();
  }

  /** Whether anybody wants to know the values. */
  boolean hasListeners() {
    return removal != null || eviction != null;
  }

  /** Whether anybody wants to know at all, if only the number. */
  boolean isInterested() {
    return hasListeners() || stats != StatsCounter.disabledStatsCounter();
  }

  /**
   * A value has left the cache.
   *
   * @param valueBytes how long it was
   * @param value a copy of its bytes; null if nobody wants it, or it can't be had
   */
  void notifyRemoved(K key, int valueBytes, byte @Nullable [] value, RemovalCause cause) {
    if (cause.wasEvicted()) {
      stats.recordEviction(valueBytes, cause);
    }
    if (value != null) {
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

  /** A value that no tier can hold; null if it was not made, and then no listener is told. */
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

  /** A value that never got in, such as one that was refreshed too late. */
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
      tasks.errors().report("the codec can't read a value that left, so no listener is told", t);
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
