package dev.carafe.cache;

import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A load whose future the application has. The first of three events ends it: the loader's future
 * completes, a step before that fails, or the application completes or cancels the future. In the
 * last case the loader's future is completed too, as in Caffeine, where both are one future.
 *
 * @param <K> keys
 * @param <V> values
 */
final class PromisedLoad<K, V> {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final CacheContext<K, V> context;
  private final K key;
  private final CompletableFuture<V> future;
  private final Load load;
  private final AtomicBoolean completed = new AtomicBoolean();
  private volatile boolean counted;
  private volatile long start;

  PromisedLoad(CacheContext<K, V> context, K key, Load.Kind kind, CompletableFuture<V> future) {
    this.context = context;
    this.key = key;
    this.future = future;
    this.load = Load.ofFuture(kind, future);
  }

  K key() {
    return key;
  }

  CompletableFuture<V> future() {
    return future;
  }

  Load load() {
    return load;
  }

  /**
   * Runs a step of the load. If it throws, the future fails and the exception is thrown to the
   * caller.
   */
  void runOrFail(Runnable step) {
    try {
      var _ = future.whenComplete(this::completeOnce);
      step.run();
    } catch (Throwable t) {
      fail(t);
      throw t;
    }
  }

  /** As {@link #runOrFail}, but does not throw, since the caller has the future. */
  void runOrFailQuietly(Runnable step) {
    try {
      step.run();
    } catch (Throwable t) {
      LOG.log(
          Level.DEBUG, "an asynchronous load failed; its future has completed exceptionally", t);
      fail(t);
    }
  }

  /** Records the start of the loader. */
  void beginLoad(boolean countsAsLoad) {
    counted = countsAsLoad;
    start = System.nanoTime();
  }

  /** Ends the load with a value that is already stored, or with null if there is none. */
  void completeWith(@Nullable V value) {
    if (completed.compareAndSet(false, true)) {
      try {
        context.tiers().cache.flights().end(key, load, null);
      } finally {
        future.complete(value);
      }
    }
  }

  private void fail(Throwable t) {
    if (completed.compareAndSet(false, true)) {
      end(null, t);
    }
  }

  /** Stores the value of the loader's future when it completes. */
  void follow(CompletableFuture<? extends @Nullable V> loading) {
    var _ = loading.whenComplete(this::completeOnce);
    if (loading != future) {
      var _ = future.whenComplete((value, error) -> Futures.propagate(value, error, loading));
    }
  }

  /** Stores the value of a future that the application put when it completes. */
  void followSupplied() {
    boolean followed = false;
    try {
      beginLoad(true);
      follow(future);
      followed = true;
    } finally {
      if (!followed) { // the application's own class of futures threw
        context.tiers().cache.flights().end(key, load, null);
      }
    }
  }

  /** Ends the load. If the cache has a file, storing a value may block, so the executor does it. */
  private void completeOnce(@Nullable V value, @Nullable Throwable error) {
    if (completed.compareAndSet(false, true)) {
      if (error != null && counted) {
        logFailure(error);
      }
      if (context.tiers().storage.file == null || value == null) {
        end(value, error);
      } else {
        context.hooks().tasks().run(() -> end(value, null));
      }
    }
  }

  private void end(@Nullable V value, @Nullable Throwable error) {
    long nanos = System.nanoTime() - start;
    try {
      if (value != null) {
        keep(value);
      }
      if (counted && value != null) {
        context.hooks().stats().recordLoadSuccess(nanos);
      } else if (counted) {
        context.hooks().stats().recordLoadFailure(nanos);
      }
    } finally {
      try {
        context.tiers().cache.flights().end(key, load, value);
      } finally {
        if (error == null) {
          future.complete(value);
        } else {
          future.completeExceptionally(error);
        }
      }
    }
  }

  private void keep(V value) {
    try {
      var _ = context.writes().putLoaded(key, value, load);
    } catch (Throwable t) { // the application's codec or expiry, or the cache was closed
      if (!context.gate().isClosed()) {
        LOG.log(Level.WARNING, "the value of a future could not be stored in the cache", t);
      }
    }
  }

  static void logFailure(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (!(cause instanceof CancellationException) && !(cause instanceof TimeoutException)) {
      LOG.log(Level.WARNING, "an asynchronous load failed", error);
    }
  }
}
