package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Atomic read-modify-writes of the futures of single keys, under the key's lock (contract R4).
 *
 * @param <K> keys
 * @param <V> values
 */
final class AsyncComputations<K, V> {
  private final CacheContext<K, V> context;
  private final AsyncLoads<K, V> loads;

  AsyncComputations(CacheContext<K, V> context, AsyncLoads<K, V> loads) {
    this.context = context;
    this.loads = loads;
  }

  /** Returns the key's future. The current thread reads the file if necessary. */
  @Nullable CompletableFuture<V> peek(K key) {
    CompletableFuture<V> here = loads.getInMemoryOrInFlight(key);
    if (here != null) {
      return here;
    }
    V value = context.getQuietly(key);
    return value == null ? null : CompletableFuture.completedFuture(value);
  }

  /**
   * Computes the new future of a key and writes it as one atomic step.
   *
   * @param decide takes the key's future or null; returns the new future, or null to remove the key
   * @return the previous future
   */
  @Nullable CompletableFuture<V> update(
      K key, BiFunction<K, @Nullable CompletableFuture<V>, @Nullable CompletableFuture<V>> decide) {
    int pass = context.gate().enter();
    ReentrantLock lock = context.tiers().storage.locks.of(key);
    lock.lock();
    try {
      CompletableFuture<V> before = peek(key);
      CompletableFuture<V> after = decide.apply(key, before);
      if (after == null && before != null) {
        var _ = context.tiers().remove(key, context.tiers().keyBytes(key));
      } else if (after != null && after != before) {
        loads.put(key, after);
      }
      return before;
    } finally {
      lock.unlock();
      context.gate().exit(pass);
      context.writes().drainSpill();
    }
  }

  /** As {@link #update}, but returns the new future. */
  @SuppressWarnings("NullAway") // null exactly when the function returns null, as in ConcurrentMap
  CompletableFuture<V> updateAndGet(
      K key, BiFunction<K, @Nullable CompletableFuture<V>, @Nullable CompletableFuture<V>> decide) {
    Object[] after = {null};
    var _ =
        update(
            requireNonNull(key, "key"),
            (k, before) -> {
              CompletableFuture<V> decided = decide.apply(k, before);
              after[0] = decided;
              return decided;
            });
    return MapView.cast(after[0]);
  }

  /** Returns whether these are the same future, or completed futures with equal values. */
  static boolean isSame(@Nullable CompletableFuture<?> one, @Nullable Object other) {
    return one != null
        && (one == other
            || (other instanceof CompletableFuture<?> future
                && isReady(one)
                && isReady(future)
                && Objects.deepEquals(one.join(), future.join())));
  }

  private static boolean isReady(CompletableFuture<?> future) {
    return future.isDone() && !future.isCompletedExceptionally();
  }
}
