package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reloads present values, with one refresh of a key at a time and without a lock. A write of the
 * key supersedes the refresh, whose value is then discarded.
 *
 * <p>Proved by {@code FlightsTest} and {@code PoliciesTest}.
 *
 * @param <K> keys
 * @param <V> values
 */
final class Refreshes<K, V> {
  private final CacheContext<K, V> context;
  private final Tiers<K> tiers;
  private final AsyncCacheLoader<? super K, V> loader;

  Refreshes(CacheContext<K, V> context, AsyncCacheLoader<? super K, V> loader) {
    this.context = context;
    this.tiers = context.tiers();
    this.loader = loader;
  }

  /** Returns the future of the refresh under way, or starts one. */
  @SuppressWarnings("unchecked")
  CompletableFuture<V> refresh(K key) {
    context.gate().check();
    FileKey bytes =
        tiers.keyBytes(key); // before the refresh is registered, since the codec may throw
    Refresh mine = new Refresh(key);
    Load running = tiers.cache.flights().beginRefresh(key, mine.load);
    if (running != null) {
      return (CompletableFuture<V>) requireNonNull(running.future());
    }
    try {
      Entry entry = tiers.entries.findQuietly(key); // not recorded as a read
      V old = entry == null ? null : context.values().decode(entry);
      if (old == null && (entry != null || tiers.mayBeInFile(bytes))) {
        context.hooks().tasks().run(() -> startFromFile(mine));
      } else {
        start(mine, old);
      }
    } catch (Throwable t) {
      mine.fail(t);
      throw LoadFailures.unchecked(t);
    }
    return mine.future;
  }

  /** One refresh. It ends once, when the loader or the application completes its future. */
  private final class Refresh {
    final K key;
    final CompletableFuture<V> future = new CompletableFuture<>();
    final Load load = Load.ofFuture(Load.Kind.REFRESH, future);
    private final AtomicBoolean completed = new AtomicBoolean();
    private @Nullable V old;
    private volatile long startNanos = System.nanoTime();

    Refresh(K key) {
      this.key = key;
    }

    void fail(Throwable t) {
      if (completed.compareAndSet(false, true)) {
        tiers.cache.flights().end(key, load, null);
        future.completeExceptionally(t);
      }
    }

    void follow(@Nullable V oldValue, CompletableFuture<? extends V> loading, long start) {
      old = oldValue;
      startNanos = start;
      var _ = loading.whenComplete(this::completeOnce);
      var _ =
          future.whenComplete((value, error) -> {
            completeOnce(value, error);
            Futures.propagate(value, error, loading);
          });
    }

    private void completeOnce(@Nullable V value, @Nullable Throwable error) {
      if (!completed.compareAndSet(false, true)) {
        return;
      }
      Throwable failure = error;
      try {
        if (failure == null) {
          end(this, old, value);
        }
      } catch (Throwable t) { // the application's codec or expiry, or the cache was closed
        failure = t;
      }
      long nanos = System.nanoTime() - startNanos;
      try {
        if (failure == null && value != null) {
          context.hooks().stats().recordLoadSuccess(nanos);
        } else {
          context.hooks().stats().recordLoadFailure(nanos);
        }
      } finally {
        tiers.cache.flights().end(key, load, null);
        if (failure == null) {
          future.complete(value);
        } else {
          PromisedLoad.logFailure(failure);
          future.completeExceptionally(failure);
        }
      }
    }
  }

  private void startFromFile(Refresh mine) {
    try {
      V old = context.getQuietly(mine.key);
      if (!mine.future.isDone()) {
        start(mine, old);
      } else {
        tiers.cache.flights().end(mine.key, mine.load, null);
      }
    } catch (Throwable t) {
      context.hooks().stats().recordLoadFailure(0);
      PromisedLoad.logFailure(t);
      mine.fail(t);
    }
  }

  /** Calls the loader, whose exceptions reach the caller, as in Caffeine. */
  private void start(Refresh mine, @Nullable V old) throws Exception {
    long began = System.nanoTime();
    mine.follow(
        old,
        requireNonNull(
            old == null
                ? loader.asyncLoad(mine.key, context.hooks().executor())
                : loader.asyncReload(mine.key, old, context.hooks().executor()),
            "the loader returned null for a future"),
        began);
  }

  private void end(Refresh mine, @Nullable V old, @Nullable V value) {
    if (!install(mine, old != null, value) && value != null) {
      boolean present = context.getQuietly(mine.key) != null;
      context.notifyDiscarded(
          mine.key, value, present ? RemovalCause.REPLACED : RemovalCause.EXPLICIT);
    }
  }

  /**
   * Replaces the old value by the refreshed one, under the key's lock, unless the key was written
   * meanwhile.
   */
  private boolean install(Refresh mine, boolean hadOld, @Nullable V value) {
    K key = mine.key;
    int pass = context.gate().enter();
    ReentrantLock lock = tiers.storage.locks.of(key);
    lock.lock();
    try {
      boolean owned = !mine.load.isSuperseded();
      FileKey bytes = tiers.keyBytes(key);
      if (owned && !hadOld) {
        context.writes().removeUnreadable(key, bytes, null);
      }
      boolean present = tiers.entries.findQuietly(key) != null || tiers.mayBeInFile(bytes);
      if (!owned || present != hadOld) {
        return false;
      }
      if (value == null) {
        var _ = tiers.remove(key, bytes);
      } else {
        context.writes().put(key, value);
      }
      return true;
    } finally {
      lock.unlock();
      context.gate().exit(pass);
      context.writes().drainSpill();
    }
  }

  /** Refreshes a value that was read if it is old enough and no refresh of the key is under way. */
  void afterRead(K key, V value) {
    Entry entry = tiers.entries.findQuietly(key);
    if (entry == null
        || context.writes().ages().nanosOf(entry) < context.writes().ages().refreshNanos()
        || tiers.cache.flights().isRefreshing(key)) {
      return;
    }
    Refresh mine = new Refresh(key);
    if (tiers.cache.flights().beginRefresh(key, mine.load) == null) {
      try {
        start(mine, value);
      } catch (Throwable t) { // the read continues, as in Caffeine
        context.hooks().stats().recordLoadFailure(0);
        PromisedLoad.logFailure(t);
        mine.fail(t);
      }
    }
  }

  CompletableFuture<Map<K, V>> refreshAll(Iterable<? extends K> keys) {
    Map<K, CompletableFuture<V>> refreshes = new LinkedHashMap<>();
    for (K key : keys) {
      refreshes.computeIfAbsent(requireNonNull(key, "key"), this::refresh);
    }
    return Futures.all(refreshes);
  }
}
