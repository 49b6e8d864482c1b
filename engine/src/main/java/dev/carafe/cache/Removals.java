package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.RemovalListener;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Codec;
import dev.carafe.spi.Hooks;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts and tells what has left the cache as a whole. A value that only leaves memory is still
 * there.
 *
 * <p>Listeners get a copy: the value's bytes are taken while they are there, and decoded where the
 * listener runs. Nobody is told while there is no listener, and no byte is copied.
 *
 * @param <K> keys
 * @param <V> values
 */
final class Removals<K, V> {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  /** Takes a value's bytes. */
  static final Function<MemorySegment, byte[]> COPY = bytes -> bytes.toArray(ValueLayout.JAVA_BYTE);

  private final @Nullable RemovalListener<K, V> removal;
  private final @Nullable RemovalListener<K, V> eviction;
  private final Executor executor;
  private final Codec<V> codec;
  private final StatsCounter stats;

  Removals(Hooks<K, V> hooks, Codec<V> codec, StatsCounter stats) {
    this.removal = hooks.removal();
    this.eviction = hooks.eviction();
    this.executor = hooks.executor();
    this.codec = codec;
    this.stats = stats;
  }

  StatsCounter stats() {
    return stats;
  }

  /** Whether anybody wants to know the values. */
  boolean areTold() {
    return removal != null || eviction != null;
  }

  /** Whether anybody wants to know at all, if only the number. */
  boolean isInterested() {
    return areTold() || stats != StatsCounter.disabledStatsCounter();
  }

  /**
   * A value has left the cache.
   *
   * @param valueBytes how long it was
   * @param value a copy of its bytes; null if nobody wants it, or it can't be had
   */
  void left(K key, int valueBytes, byte @Nullable [] value, RemovalCause cause) {
    if (cause.wasEvicted()) {
      stats.recordEviction(valueBytes, cause);
    }
    if (value != null) {
      RemovalListener<K, V> evicted = eviction;
      if (evicted != null && cause.wasEvicted()) {
        tell(evicted, key, value, cause);
      }
      RemovalListener<K, V> removed = removal;
      if (removed != null) {
        run(executor, () -> tell(removed, key, value, cause));
      }
    }
  }

  /** A value that never got in, such as one that was refreshed too late. */
  void discarded(K key, V value, RemovalCause cause) {
    RemovalListener<K, V> removed = removal;
    if (removed != null) {
      run(executor, () -> tell(removed, key, value, cause));
    }
  }

  private void tell(RemovalListener<K, V> listener, K key, byte[] value, RemovalCause cause) {
    V decoded;
    try {
      decoded = codec.decode(MemorySegment.ofArray(value).asReadOnly());
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a value that left the cache can't be decoded for its listener", e);
      return;
    }
    tell(listener, key, decoded, cause);
  }

  private void tell(RemovalListener<K, V> listener, K key, V value, RemovalCause cause) {
    try {
      listener.onRemoval(key, value, cause);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a removal listener threw", e);
    }
  }

  /** Runs a task elsewhere, or here where it is refused: it is never lost. */
  static void run(Executor executor, Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(Level.WARNING, "the executor refused a task; it runs on the caller", e);
      task.run();
    }
  }
}
