package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.tier.Entry;
import dev.carafe.tier.FileKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Loading anew what is there: one refresh of a key at a time, without a lock. A write of the key
 * meanwhile wins, and what the refresh brings is discarded.
 *
 * @param <K> keys
 * @param <V> values
 */
final class Refreshes<K, V> {
  private final Parts<K, V> parts;
  private final Tiers<K> tiers;
  private final AsyncCacheLoader<? super K, V> loader;

  Refreshes(Parts<K, V> parts, AsyncCacheLoader<? super K, V> loader) {
    this.parts = parts;
    this.tiers = parts.tiers();
    this.loader = loader;
  }

  /** The refresh of the key that is under way, or a new one. */
  CompletableFuture<V> refresh(K key) {
    parts.gate().check();
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> running = begin(key, mine);
    if (running != null) {
      return running;
    }
    V old = parts.fromMemory(key);
    FileKey bytes = old == null ? tiers.keyBytes(key) : null;
    if (old == null && tiers.mayBeOnFile(bytes)) {
      Removals.run(parts.host().executor(), () -> startByFile(key, mine));
    } else {
      start(key, old, mine);
    }
    return mine;
  }

  /** What is under way for the key already; else null, and it is mine now. */
  @SuppressWarnings("unchecked")
  private @Nullable CompletableFuture<V> begin(K key, CompletableFuture<V> mine) {
    CompletableFuture<?> now =
        tiers.refreshes.compute(
            key, (k, running) -> running == null || running.isDone() ? mine : running);
    return now == mine ? null : (CompletableFuture<V>) now;
  }

  private void startByFile(K key, CompletableFuture<V> mine) {
    try {
      start(key, parts.quietly(key), mine);
    } catch (RuntimeException e) {
      mine.completeExceptionally(e);
    }
  }

  /** The loader's own exceptions reach the caller, as in Caffeine. */
  private void start(K key, @Nullable V old, CompletableFuture<V> mine) {
    long began = System.nanoTime();
    CompletableFuture<? extends V> loading;
    try {
      loading =
          requireNonNull(
              old == null
                  ? loader.asyncLoad(key, parts.host().executor())
                  : loader.asyncReload(key, old, parts.host().executor()),
              "the loader returned null for a future");
    } catch (Exception e) {
      tiers.refreshes.remove(key, mine);
      mine.completeExceptionally(e);
      throw LoadFailures.unchecked(e);
    }
    var _ = loading.whenComplete((value, error) -> end(key, old, mine, value, error, began));
  }

  private void end(
      K key,
      @Nullable V old,
      CompletableFuture<V> mine,
      @Nullable V value,
      @Nullable Throwable error,
      long began) {
    long took = System.nanoTime() - began;
    try {
      if (error != null) {
        throw error;
      }
      if (!install(key, old != null, mine, value) && value != null) {
        boolean present = parts.quietly(key) != null;
        parts.discarded(key, value, present ? RemovalCause.REPLACED : RemovalCause.EXPLICIT);
      }
      if (value == null) {
        parts.host().stats().recordLoadFailure(took);
      } else {
        parts.host().stats().recordLoadSuccess(took);
      }
      mine.complete(value);
    } catch (Throwable t) {
      tiers.refreshes.remove(key, mine);
      parts.host().stats().recordLoadFailure(took);
      AsyncLoads.warn(t);
      mine.completeExceptionally(t);
    }
  }

  /** Under the key's lock: the refreshed value replaces the old one, if nobody wrote the key. */
  private boolean install(K key, boolean hadOld, CompletableFuture<V> mine, @Nullable V value) {
    int pass = parts.gate().enter();
    ReentrantLock lock = tiers.locks.of(key);
    lock.lock();
    try {
      boolean owned = tiers.refreshes.get(key) == mine && !mine.isDone();
      FileKey bytes = tiers.keyBytes(key);
      if (owned && !hadOld) {
        parts.writes().forgetUnreadable(key, bytes, null);
      }
      boolean present = tiers.findQuietly(key) != null || tiers.mayBeOnFile(bytes);
      if (!owned || present != hadOld) {
        tiers.refreshes.remove(key, mine);
        return false;
      }
      if (value == null) {
        var _ = tiers.remove(key, bytes);
      } else {
        parts.writes().put(key, value);
      }
      tiers.refreshes.remove(key, mine);
      return true;
    } finally {
      lock.unlock();
      parts.gate().exit(pass);
      parts.writes().settle();
    }
  }

  /** A read found this value: refreshes it if it is old, and no refresh is under way. */
  void afterRead(K key, V value) {
    Entry entry = tiers.findQuietly(key);
    if (entry == null
        || parts.writes().ages().nanosOf(entry) < parts.writes().ages().refreshNanos()
        || tiers.refreshes.containsKey(key)) {
      return;
    }
    CompletableFuture<V> mine = new CompletableFuture<>();
    if (begin(key, mine) == null) {
      try {
        start(key, value, mine);
      } catch (RuntimeException e) {
        parts.host().stats().recordLoadFailure(0);
        AsyncLoads.warn(e);
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
