package dev.carafe.springboot;

import dev.carafe.redis.CarafeNearCache;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.support.AbstractValueAdaptingCache;

/**
 * Spring's cache over the near tier of a server. It takes null values. Methods that return futures
 * wait on a virtual thread.
 *
 * <p>This class needs {@code carafe-redis}, which is optional.
 */
final class FarCache extends AbstractValueAdaptingCache {
  private static final Executor VIRTUAL_THREADS =
      task -> {
        var _ = Thread.startVirtualThread(task);
      };

  private final String name;
  private final CarafeNearCache<Object, Object> near;

  FarCache(String name, CarafeNearCache<Object, Object> near) {
    super(true);
    this.name = name;
    this.near = near;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public CarafeNearCache<Object, Object> getNativeCache() {
    return near;
  }

  @Override
  protected @Nullable Object lookup(Object key) {
    return near.get(key);
  }

  @Override
  @SuppressWarnings("unchecked") // the caller knows what it has cached
  public <T> @Nullable T get(Object key, Callable<T> loader) {
    return (T) fromStoreValue(near.get(key, absent -> toStoreValue(called(absent, loader))));
  }

  private static <T> T called(Object key, Callable<T> loader) {
    try {
      return loader.call();
    } catch (Exception e) {
      throw new ValueRetrievalException(key, loader, e);
    }
  }

  @Override
  public CompletableFuture<? extends @Nullable Object> retrieve(Object key) {
    return CompletableFuture.supplyAsync(() -> get(key), VIRTUAL_THREADS);
  }

  @Override
  @SuppressWarnings("unchecked") // as above
  public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> loader) {
    return CompletableFuture.supplyAsync(
        () -> (T) fromStoreValue(near.get(key, absent -> toStoreValue(loader.get().join()))),
        VIRTUAL_THREADS);
  }

  @Override
  public void put(Object key, @Nullable Object value) {
    near.put(key, toStoreValue(value));
  }

  @Override
  public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
    return toValueWrapper(near.putIfAbsent(key, toStoreValue(value)));
  }

  @Override
  public void evict(Object key) {
    near.invalidate(key);
  }

  @Override
  public void clear() {
    near.invalidateAll();
  }
}
