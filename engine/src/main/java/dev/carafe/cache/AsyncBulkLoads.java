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
  private final Parts<K, V> parts;
  private final AsyncLoads<K, V> loads;

  /** Makes a future for all keys that neither tier has. */
  interface BulkLoader<K, V>
      extends BiFunction<
          Set<K>, Executor, CompletableFuture<? extends Map<? extends K, ? extends V>>> {}

  AsyncBulkLoads(Parts<K, V> parts, AsyncLoads<K, V> loads) {
    this.parts = parts;
    this.loads = loads;
  }

  /** One call: which keys are still being looked for in the file, and which were not there. */
  private static final class Call<K, V> {
    final Map<K, CompletableFuture<V>> missing = new LinkedHashMap<>();
    private int open = 1;

    /** A key whose file is to be asked. */
    synchronized void look() {
      open++;
    }

    /** A key that is to be loaded. */
    synchronized void miss(K key, CompletableFuture<V> proxy) {
      missing.put(key, proxy);
    }

    /** Whether this was the last that was looked for. */
    synchronized boolean looked() {
      return --open == 0;
    }
  }

  CompletableFuture<Map<K, V>> getAll(Set<K> wanted, BulkLoader<K, V> loader) {
    Map<K, CompletableFuture<V>> futures = new LinkedHashMap<>();
    Call<K, V> call = new Call<>();
    for (K key : wanted) {
      boolean[] asked = {false};
      CompletableFuture<V> proxy = new CompletableFuture<>();
      call.look();
      CompletableFuture<V> future =
          loads.get(
              key,
              (k, executor) -> {
                asked[0] = true;
                call.miss(k, proxy);
                if (call.looked()) {
                  load(call, loader);
                }
                return proxy;
              });
      futures.put(key, future);
      if (!asked[0]) {
        // found, or looked for in the file: then it is over when the future is, or when it is asked
        var _ = future.whenComplete((value, error) -> found(call, key, loader));
      }
    }
    if (call.looked()) {
      load(call, loader);
    }
    return Futures.all(futures);
  }

  private void found(Call<K, V> call, K key, BulkLoader<K, V> loader) {
    synchronized (call) {
      if (call.missing.containsKey(key)) {
        return; // counted when it was asked for
      }
    }
    if (call.looked()) {
      load(call, loader);
    }
  }

  private void load(Call<K, V> call, BulkLoader<K, V> loader) {
    Map<K, CompletableFuture<V>> missing = call.missing;
    if (missing.isEmpty()) {
      return;
    }
    Set<K> keys = Collections.unmodifiableSet(new LinkedHashSet<>(missing.keySet()));
    try {
      CompletableFuture<? extends Map<? extends K, ? extends V>> loading =
          requireNonNull(
              loader.apply(keys, parts.host().executor()), "the loader returned null for a future");
      var _ = loading.whenComplete((values, error) -> fill(missing, values, error));
    } catch (RuntimeException | Error e) {
      missing.values().forEach(proxy -> proxy.completeExceptionally(e));
      throw e;
    }
  }

  /** More keys may come than were asked for: those are put. */
  private void fill(
      Map<K, CompletableFuture<V>> missing,
      @Nullable Map<? extends K, ? extends V> values,
      @Nullable Throwable error) {
    if (values == null) {
      Throwable why =
          error == null ? new NullPointerException("the bulk loader's future gave null") : error;
      missing.values().forEach(proxy -> proxy.completeExceptionally(why));
      return;
    }
    missing.forEach((key, proxy) -> proxy.complete(values.get(key)));
    values.forEach((key, value) -> {
      if (!missing.containsKey(key)) {
        loads.put(key, CompletableFuture.completedFuture(value));
      }
    });
  }
}
