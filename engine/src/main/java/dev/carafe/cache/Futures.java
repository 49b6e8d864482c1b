package dev.carafe.cache;

import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Utilities for futures. */
final class Futures {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private Futures() {}

  /**
   * Returns a future that completes when all have completed. Omits the keys whose future returned
   * null.
   */
  static <K, V> CompletableFuture<Map<K, V>> all(Map<K, CompletableFuture<V>> futures) {
    return CompletableFuture.allOf(futures.values().toArray(CompletableFuture[]::new))
        .thenApply(done -> {
          Map<K, V> values = new LinkedHashMap<>();
          futures.forEach((key, future) -> {
            V value = future.join();
            if (value != null) {
              values.put(key, value);
            }
          });
          return Collections.unmodifiableMap(values);
        });
  }

  /** Waits for a future, and throws the loader's exception, as Caffeine's synchronous views do. */
  static <T> T resolve(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (NullMapCompletionException e) {
      throw new NullPointerException(e.getMessage());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      } else if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  /** Waits for a future; null if it failed. */
  static <T> @Nullable T valueOrNull(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CancellationException | CompletionException e) {
      return null;
    }
  }

  /** Completes the loader's future like the future that the application has completed. */
  static <V> void propagate(
      @Nullable V value, @Nullable Throwable error, CompletableFuture<? extends V> loading) {
    if (loading.isDone()) {
      return;
    }
    try {
      if (error instanceof CancellationException) {
        loading.cancel(true);
      } else if (error != null) {
        loading.completeExceptionally(error);
      } else {
        @SuppressWarnings("unchecked")
        CompletableFuture<V> narrowed = (CompletableFuture<V>) loading;
        narrowed.complete(value);
      }
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "a loader's future can't be completed", e);
    }
  }
}
