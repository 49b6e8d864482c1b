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
 * A {@link Carafe} whose values come by futures: neither the file nor a loader is waited for by the
 * caller, and no thread waits for it either. A file read completes by the device's callback and is
 * decoded on the builder's executor.
 *
 * <p>It is a Caffeine {@link AsyncCache}. A future that is under way is what the key has: who asks
 * for the key gets it, and a write of the key takes its place. Once it is complete, what is kept
 * are the value's bytes, so that later readers get another future, already complete, with a value
 * of its own. A future that fails, or completes with null, is removed. Thread-safe.
 *
 * @param <K> keys
 * @param <V> values
 */
public interface AsyncCarafe<K, V> extends AsyncCache<K, V>, AutoCloseable {
  /**
   * The key's future: under way, or complete.
   *
   * <p>Unlike Caffeine's, a future for a value that only the file seems to have is under way when
   * it is returned, and completes with null if the file turns out not to have it after all (expired
   * or damaged): to know it at once would be to wait for the disk.
   *
   * @param key whose value
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
   * <p>Unlike Caffeine's, the function is called once the file is known not to have the key: on the
   * caller's thread if that is known at once, else on the executor.
   */
  @Override
  CompletableFuture<V> get(
      K key,
      BiFunction<? super K, ? super Executor, ? extends CompletableFuture<? extends V>>
          mappingFunction);

  /**
   * {@inheritDoc}
   *
   * <p>The function runs on the builder's executor, once the file is known not to have the keys.
   * Unlike Caffeine's, statistics count one load for each key that it brings.
   */
  @Override
  CompletableFuture<Map<K, V>> getAll(
      Iterable<? extends K> keys,
      Function<? super Set<? extends K>, ? extends Map<? extends K, ? extends V>> mappingFunction);

  /**
   * {@inheritDoc}
   *
   * <p>Unlike Caffeine's, the function is called once the file is known not to have the keys: on
   * the caller's thread if that is known at once, else on the executor; and statistics count one
   * load for each key that it brings.
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
   * <p>What the key had is gone when this returns. The value is written when the future has
   * completed, on the executor; until then readers get the future itself.
   */
  @Override
  void put(K key, CompletableFuture<? extends V> valueFuture);

  /**
   * The futures as a map. A value in memory is a complete future, one that only the file has is
   * under way. Methods that write, and give what was before, wait for the file if only the file has
   * it.
   *
   * <p>Unlike Caffeine's, a complete future is made for each caller: {@code remove(key, future)}
   * and {@code replace(key, future, future)} compare complete futures by their values.
   *
   * @return a view
   */
  @Override
  ConcurrentMap<K, CompletableFuture<V>> asMap();

  /**
   * The same cache with methods that wait.
   *
   * @return a view, which is also a {@link Cache}; closing it closes this cache
   */
  @Override
  Carafe<K, V> synchronous();

  /**
   * As {@link Carafe#close()}. Futures that are under way complete, but what they bring is not
   * kept.
   */
  @Override
  void close();
}
