package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Futures of several keys. When all lookups in the file have ended, one call of the loader loads
 * the keys that neither tier has.
 *
 * @param <K> keys
 * @param <V> values
 */
final class AsyncBulkLoads<K, V> {
  private final CacheContext<K, V> context;
  private final AsyncLoads<K, V> loads;

  /** Creates a future for all keys that neither tier has. */
  interface BulkLoader<K, V>
      extends BiFunction<
          Set<K>, Executor, CompletableFuture<? extends Map<? extends K, ? extends V>>> {}

  AsyncBulkLoads(CacheContext<K, V> context, AsyncLoads<K, V> loads) {
    this.context = context;
    this.loads = loads;
  }

  /**
   * One call of {@code getAll}: the number of lookups under way, and the keys that were missing.
   */
  private static final class Call<K, V> {
    final Map<K, CompletableFuture<V>> missing = new LinkedHashMap<>();
    private int open = 1;
    private boolean ended;

    /** Counts a lookup of a key that begins. */
    synchronized void beginLookup() {
      open++;
    }

    /** Adds a key that is to be loaded. */
    synchronized void addMissing(K key, CompletableFuture<V> proxy) {
      missing.put(key, proxy);
    }

    synchronized boolean isMissing(K key) {
      return missing.containsKey(key);
    }

    /**
     * Counts a lookup that has ended; returns whether it was the last one and there are keys to
     * load.
     */
    synchronized boolean endLookup() {
      return --open == 0 && !ended && !missing.isEmpty();
    }

    /** Fails the futures of the keys, since the call failed before its loader ran. */
    void fail(Throwable t) {
      Map<K, CompletableFuture<V>> begun;
      synchronized (this) {
        ended = true;
        begun = new LinkedHashMap<>(missing);
      }
      begun.values().forEach(proxy -> proxy.completeExceptionally(t));
    }

    synchronized boolean hasEnded() {
      return ended;
    }
  }

  CompletableFuture<Map<K, V>> getAll(Set<K> wanted, BulkLoader<K, V> loader) {
    wanted.forEach(
        context.tiers()::keyBytes); // before any load is registered, since the codec may throw
    Map<K, CompletableFuture<V>> futures = new LinkedHashMap<>();
    Call<K, V> call = new Call<>();
    try {
      for (K key : wanted) {
        futures.put(key, begin(call, key, loader));
      }
      if (call.endLookup()) {
        load(call, loader);
      }
    } catch (Throwable t) {
      call.fail(t);
      throw LoadFailures.unchecked(t);
    }
    return Futures.all(futures);
  }

  private CompletableFuture<V> begin(Call<K, V> call, K key, BulkLoader<K, V> loader) {
    KeyLoader one = new KeyLoader(call, loader);
    call.beginLookup();
    CompletableFuture<V> future = loads.get(key, one);
    if (!one.invoked) {
      // found, or being read from the file: the lookup ends with the future, or in KeyLoader.apply
      var _ = future.whenComplete((value, error) -> lookupCompleted(call, key, loader));
    }
    return future;
  }

  /**
   * The loader of one key of a call. The last lookup to end starts the load of all missing keys.
   */
  private final class KeyLoader implements AsyncLoads.Loader<K, V> {
    private final Call<K, V> call;
    private final BulkLoader<K, V> loader;
    private final CompletableFuture<V> proxy = new CompletableFuture<>();
    private volatile boolean invoked;

    KeyLoader(Call<K, V> call, BulkLoader<K, V> loader) {
      this.call = call;
      this.loader = loader;
    }

    @Override
    public CompletableFuture<V> apply(K key, Executor executor) {
      invoked = true;
      if (call.hasEnded()) {
        throw new IllegalStateException("the bulk load of " + key + " failed for another key");
      }
      call.addMissing(key, proxy);
      if (call.endLookup()) {
        load(call, loader);
      }
      return proxy;
    }

    @Override
    public boolean isCounted() {
      return false;
    }
  }

  private void lookupCompleted(Call<K, V> call, K key, BulkLoader<K, V> loader) {
    if (!call.isMissing(key) && call.endLookup()) { // else KeyLoader.apply has counted it
      load(call, loader);
    }
  }

  /** Loads all missing keys. Counts as one load, as in Caffeine. */
  private void load(Call<K, V> call, BulkLoader<K, V> loader) {
    Map<K, CompletableFuture<V>> missing = call.missing;
    Set<K> keys = Collections.unmodifiableSet(new LinkedHashSet<>(missing.keySet()));
    long start = System.nanoTime();
    try {
      CompletableFuture<? extends Map<? extends K, ? extends V>> loading =
          requireNonNull(
              loader.apply(keys, context.hooks().executor()),
              "the loader returned null for a future");
      var _ = loading.whenComplete((values, error) -> end(missing, values, error, start));
    } catch (Throwable t) {
      context.hooks().stats().recordLoadFailure(System.nanoTime() - start);
      missing.values().forEach(proxy -> proxy.completeExceptionally(t));
      throw t;
    }
  }

  private void end(
      Map<K, CompletableFuture<V>> missing,
      @Nullable Map<? extends K, ? extends V> values,
      @Nullable Throwable error,
      long start) {
    long nanos = System.nanoTime() - start;
    Throwable why =
        values != null ? null : error != null ? error : new NullMapCompletionException();
    if (why == null) {
      try {
        fill(missing, requireNonNull(values));
      } catch (Throwable t) { // the loader's map threw
        why = t;
      }
    }
    if (why == null) {
      context.hooks().stats().recordLoadSuccess(nanos);
    } else {
      context.hooks().stats().recordLoadFailure(nanos);
      PromisedLoad.logFailure(why);
      Throwable failure = why;
      missing.values().forEach(proxy -> proxy.completeExceptionally(failure));
    }
  }

  /** Completes the futures. Values of keys that were not requested are put. */
  private void fill(Map<K, CompletableFuture<V>> missing, Map<? extends K, ? extends V> values) {
    missing.forEach((key, proxy) -> proxy.complete(values.get(key)));
    values.forEach((key, value) -> {
      if (!missing.containsKey(key) && value != null) {
        context.writes().put(key, value);
      }
    });
  }
}
