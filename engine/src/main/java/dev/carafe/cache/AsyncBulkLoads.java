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
 * Futures of several keys: those that neither tier has are loaded by one call, when all that the
 * file had to say is known.
 *
 * @param <K> keys
 * @param <V> values
 */
final class AsyncBulkLoads<K, V> {
  private final CacheContext<K, V> context;
  private final AsyncLoads<K, V> loads;

  /** Makes a future for all keys that neither tier has. */
  interface BulkLoader<K, V>
      extends BiFunction<
          Set<K>, Executor, CompletableFuture<? extends Map<? extends K, ? extends V>>> {}

  AsyncBulkLoads(CacheContext<K, V> context, AsyncLoads<K, V> loads) {
    this.context = context;
    this.loads = loads;
  }

  /** One call: which keys are still being looked for in the file, and which were not there. */
  private static final class Call<K, V> {
    final Map<K, CompletableFuture<V>> missing = new LinkedHashMap<>();
    private int open = 1;
    private boolean ended;

    /** A key whose file is to be asked. */
    synchronized void beginLookup() {
      open++;
    }

    /** A key that is to be loaded. */
    synchronized void addMissing(K key, CompletableFuture<V> proxy) {
      missing.put(key, proxy);
    }

    synchronized boolean isMissing(K key) {
      return missing.containsKey(key);
    }

    /** Whether this was the last that was looked for, and there is something to load. */
    synchronized boolean endLookup() {
      return --open == 0 && !ended && !missing.isEmpty();
    }

    /** The call failed before its loader ran: the futures of its keys fail, too. */
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
    wanted.forEach(context.tiers()::keyBytes); // before any key is under way: the codec may throw
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
      // found, or looked for in the file: then it is over when the future is, or when it is asked
      var _ = future.whenComplete((value, error) -> lookupCompleted(call, key, loader));
    }
    return future;
  }

  /** The loader of one key of a call: the last one that is asked loads all. */
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
    if (!call.isMissing(key) && call.endLookup()) { // else it was counted when it was asked for
      load(call, loader);
    }
  }

  /** One load for all, which counts as one, as in Caffeine. */
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
    long took = System.nanoTime() - start;
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
      context.hooks().stats().recordLoadSuccess(took);
    } else {
      context.hooks().stats().recordLoadFailure(took);
      PromisedLoad.logFailure(why);
      Throwable failure = why;
      missing.values().forEach(proxy -> proxy.completeExceptionally(failure));
    }
  }

  /** More keys may come than were asked for: those are put. */
  private void fill(Map<K, CompletableFuture<V>> missing, Map<? extends K, ? extends V> values) {
    missing.forEach((key, proxy) -> proxy.complete(values.get(key)));
    values.forEach((key, value) -> {
      if (!missing.containsKey(key) && value != null) {
        context.writes().put(key, value);
      }
    });
  }
}
