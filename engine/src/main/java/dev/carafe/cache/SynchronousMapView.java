package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The map of the synchronous view of an asynchronous cache. As in Caffeine, iterations skip keys
 * whose futures are not complete, and removals by key remove such futures.
 *
 * <p>Proved by {@code PendingFutureRemovalTest}.
 *
 * @param <K> keys
 * @param <V> values
 */
final class SynchronousMapView<K, V> extends MapView<K, V> {
  private final AsyncLoads<K, V> loads;

  SynchronousMapView(CacheContext<K, V> context, AsyncLoads<K, V> loads) {
    super(context);
    this.loads = loads;
  }

  /** Removes the key at once. If it had a future, waits for its value to return that. */
  @Override
  public @Nullable V remove(@Nullable Object key) {
    CompletableFuture<V> future = loads.removePending(cast(requireNonNull(key, "key")));
    return future == null ? super.remove(key) : Futures.valueOrNull(future);
  }

  @Override
  public Set<K> keySet() {
    checkOpen();
    return new PendingKeySet();
  }

  /** A set of keys whose removals include the keys of futures that are not complete. */
  private final class PendingKeySet extends KeySet {
    @Override
    public boolean remove(@Nullable Object key) {
      return key != null
          && (loads.removePending(MapView.<K>cast(key)) != null || super.remove(key));
    }

    /** Visits the futures first, since a load that ends moves its value to the tiers. */
    @Override
    public boolean removeIf(Predicate<? super K> filter) {
      requireNonNull(filter, "filter");
      boolean removed = false;
      for (K key : loads.pendingKeys()) {
        removed |= filter.test(key) && loads.removePending(key) != null;
      }
      removed |= super.removeIf(filter);
      return removed;
    }

    @Override
    public boolean removeAll(Collection<?> c) {
      boolean removed = false;
      for (Object key : c) {
        removed |= remove(key);
      }
      return removed;
    }

    @Override
    public boolean retainAll(Collection<?> c) {
      requireNonNull(c, "c");
      return removeIf(key -> !c.contains(key));
    }
  }
}
