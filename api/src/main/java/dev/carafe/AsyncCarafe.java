package dev.carafe;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Carafe} that returns futures: no caller waits for a read of the file or for a loader,
 * and no thread is parked for one. A read of the file completes through a callback of the device,
 * and its value is decoded on the builder's executor.
 *
 * <p>It is a Caffeine {@link AsyncCache}. While a future is under way it is the key's mapping:
 * other callers get the same future, and a write of the key replaces it. When it completes, the
 * cache keeps the value's bytes; later callers get another future, already complete, with a value
 * of its own. A future that fails or completes with null is removed. Cancelling or timing out a
 * returned future does not affect other callers. Thread-safe.
 *
 * @param <K> keys
 * @param <V> values
 */
public interface AsyncCarafe<K, V> extends AsyncCache<K, V>, AutoCloseable {
  /**
   * The key's future: under way, or complete.
   *
   * <p>Unlike Caffeine, the future of a value that only the file has is under way when it is
   * returned, and completes with null if the record turns out to be expired or damaged.
   *
   * @param key the key
   * @return null on a miss
   */
  @Override
  @Nullable CompletableFuture<V> getIfPresent(K key);

  /**
   * {@inheritDoc}
   *
   * <p>The function runs on the builder's executor.
   */
  @Override
  CompletableFuture<V> get(K key, Function<? super K, ? extends V> mappingFunction);

  /**
   * {@inheritDoc}
   *
   * <p>Unlike Caffeine, the function is called after the file was found not to have the key: on the
   * caller's thread if no read is needed to know, else on the executor.
   */
  @Override
  CompletableFuture<V> get(
      K key,
      BiFunction<? super K, ? super Executor, ? extends CompletableFuture<? extends V>>
          mappingFunction);

  /**
   * {@inheritDoc}
   *
   * <p>The function runs on the builder's executor, after the file was found not to have the keys.
   * Unlike Caffeine, statistics count one load for each key that it returns.
   */
  @Override
  CompletableFuture<Map<K, V>> getAll(
      Iterable<? extends K> keys,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> mappingFunction);

  /**
   * {@inheritDoc}
   *
   * <p>Unlike Caffeine, the function is called after the file was found not to have the keys: on
   * the caller's thread if no read is needed to know, else on the executor. Statistics count one
   * load for each key that it returns.
   */
  @Override
  CompletableFuture<Map<K, V>> getAll(
      Iterable<? extends K> keys,
      BiFunction<
              ? super Set<? extends K>,
              ? super Executor,
              ? extends CompletableFuture<? extends Map<? extends K, ? extends V>>>
          mappingFunction);

  /**
   * {@inheritDoc}
   *
   * <p>The key's previous value is removed before this returns. The new value is encoded on the
   * executor when the future has completed; until then readers get the future itself.
   */
  @Override
  void put(K key, CompletableFuture<? extends V> valueFuture);

  /**
   * The futures as a map. The future of a value in memory is complete; the future of a value that
   * only the file has is under way. A method that writes and returns the previous value waits for
   * the file if the value is only there.
   *
   * <p>Unlike Caffeine, each caller gets a complete future of its own: {@code remove(key, future)}
   * and {@code replace(key, future, future)} compare complete futures by their values.
   *
   * @return a view
   */
  @Override
  ConcurrentMap<K, CompletableFuture<V>> asMap();

  /**
   * The same cache with blocking methods.
   *
   * @return a view, which is also a {@link Cache}; closing it closes this cache
   */
  @Override
  Carafe<K, V> synchronous();

  /** As {@link Carafe#close()}. Futures under way complete, but their values are not kept. */
  @Override
  void close();
}
