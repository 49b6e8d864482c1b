package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileValue;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Values by futures. A future under way is a {@link Load}, so that methods that wait and methods
 * that don't share one read or load of a key (contract R5), and a write supersedes both.
 *
 * @param <K> keys
 * @param <V> values
 */
final class AsyncLoads<K, V> {
  private static final System.Logger LOG = System.getLogger("dev.carafe");

  private final Parts<K, V> parts;
  private final Tiers<K> tiers;
  private final Fetches<K> fetches;
  private final StatsCounter stats;
  private final Executor executor;

  /** Makes a future for a key that neither tier has. */
  interface Loader<K, V>
      extends BiFunction<K, Executor, CompletableFuture<? extends @Nullable V>> {}

  AsyncLoads(Parts<K, V> parts) {
    this.parts = parts;
    this.tiers = parts.tiers();
    this.fetches = parts.fetches();
    this.stats = parts.host().stats();
    this.executor = parts.host().executor();
  }

  /** The key's future, under way or complete; null on a miss. */
  @Nullable CompletableFuture<V> present(K key) {
    int pass = parts.gate().enter();
    try {
      CompletableFuture<V> here = here(key);
      if (here != null) {
        stats.recordHits(1);
        return here;
      }
      FileKey bytes = tiers.keyBytes(key);
      if (bytes == null || !tiers.mayBeOnFile(bytes)) {
        tiers.counters.misses.increment();
        stats.recordMisses(1);
        return null;
      }
      CompletableFuture<V> future = new CompletableFuture<>();
      Load mine = Load.promising(future);
      Load other = tiers.loads.putIfAbsent(key, mine);
      if (other != null) {
        stats.recordHits(1);
        return futureOf(key, other);
      }
      readFile(
          key,
          bytes,
          mine,
          future,
          () -> {
            fetches.finish(key, mine, null);
            future.complete(null);
          });
      return future;
    } finally {
      parts.gate().exit(pass);
    }
  }

  /**
   * What is in memory or under way: in this order, then memory again, since one becomes the other.
   */
  @Nullable CompletableFuture<V> here(K key) {
    V value = parts.fromMemory(key);
    if (value == null) {
      Load load = tiers.loads.get(key);
      if (load != null) {
        return futureOf(key, load);
      }
      value = parts.fromMemory(key);
    }
    return value == null ? null : CompletableFuture.completedFuture(value);
  }

  /** The future of a load; one that has none of its own is looked after when it has ended. */
  @SuppressWarnings("unchecked")
  private CompletableFuture<V> futureOf(K key, Load load) {
    CompletableFuture<?> promised = load.promised();
    if (promised != null) {
      return (CompletableFuture<V>) promised;
    }
    return load.outcome()
        .thenComposeAsync(
            loaded -> {
              CompletableFuture<V> now = loaded == null ? present(key) : null;
              return now != null ? now : CompletableFuture.completedFuture((V) loaded);
            },
            executor);
  }

  /** The key's future, made by the loader if neither tier has it. */
  CompletableFuture<V> get(K key, Loader<K, V> loader) {
    int pass = parts.gate().enter();
    try {
      V value = parts.fromMemory(key);
      if (value != null) {
        stats.recordHits(1);
        return CompletableFuture.completedFuture(value);
      }
      CompletableFuture<V> future = new CompletableFuture<>();
      Load mine = Load.promising(future);
      Load other = tiers.loads.putIfAbsent(key, mine);
      if (other != null) {
        return joined(key, other, loader);
      }
      FileKey bytes = tiers.keyBytes(key);
      V brought = parts.fromMemory(key);
      if (brought != null) {
        stats.recordHits(1);
        fetches.finish(key, mine, null);
        future.complete(brought);
      } else if (bytes != null && tiers.mayBeOnFile(bytes)) {
        readFile(key, bytes, mine, future, () -> loadLater(key, mine, future, loader));
      } else {
        tiers.counters.misses.increment();
        load(key, mine, future, loader);
      }
      return future;
    } finally {
      parts.gate().exit(pass);
    }
  }

  private CompletableFuture<V> joined(K key, Load other, Loader<K, V> loader) {
    if (other.promised() != null) {
      stats.recordHits(1);
      return futureOf(key, other);
    }
    return other
        .outcome()
        .thenComposeAsync(
            loaded -> {
              @SuppressWarnings("unchecked")
              V value = (V) loaded;
              return value == null ? get(key, loader) : CompletableFuture.completedFuture(value);
            },
            executor);
  }

  /** Reads the file as the one leader; what is missed there is somebody else's to bring. */
  private void readFile(
      K key, FileKey bytes, Load mine, CompletableFuture<V> future, Runnable missed) {
    parts
        .arrivals()
        .read(
            bytes,
            found -> {
              try (FileValue value = found) {
                Object seen =
                    value == null
                        ? Fetches.MISS
                        : fetches.arrived(key, bytes, mine, value, parts.values().decoder);
                if (seen != Fetches.MISS) {
                  @SuppressWarnings("unchecked")
                  V decoded = (V) seen;
                  stats.recordHits(1);
                  fetches.finish(key, mine, null);
                  future.complete(decoded);
                  return;
                }
              } catch (RuntimeException e) { // the application's codec
                fetches.finish(key, mine, null);
                future.completeExceptionally(e);
                return;
              } finally {
                tiers.drain();
              }
              tiers.counters.misses.increment();
              if (parts.gate().isClosed()) {
                fetches.finish(key, mine, null);
                future.completeExceptionally(new IllegalStateException("the cache is closed"));
              } else {
                missed.run();
              }
            });
  }

  /** On the executor already: what the loader throws goes into the future. */
  private void loadLater(K key, Load mine, CompletableFuture<V> future, Loader<K, V> loader) {
    try {
      load(key, mine, future, loader);
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "a loader threw", e); // the future says so
    }
  }

  private void load(K key, Load mine, CompletableFuture<V> future, Loader<K, V> loader) {
    stats.recordMisses(1);
    long start = System.nanoTime();
    CompletableFuture<? extends @Nullable V> loading;
    try {
      loading =
          requireNonNull(loader.apply(key, executor), "the loader returned null for a future");
    } catch (RuntimeException | Error e) {
      fetches.finish(key, mine, null);
      stats.recordLoadFailure(System.nanoTime() - start);
      future.completeExceptionally(e);
      throw e;
    }
    follow(key, mine, future, loading, start);
  }

  /** What the key had is gone; readers get this future, and the value is kept once it is there. */
  void put(K key, CompletableFuture<? extends @Nullable V> valueFuture) {
    int pass = parts.gate().enter();
    try {
      @SuppressWarnings("unchecked")
      CompletableFuture<V> future = (CompletableFuture<V>) valueFuture;
      Load mine = Load.given(future);
      tiers.promise(key, tiers.keyBytes(key), mine);
      follow(key, mine, future, future, System.nanoTime());
    } finally {
      parts.gate().exit(pass);
      parts.writes().settle();
    }
  }

  /**
   * Keeps a future's value when it comes; with a file that may take time, so it is done elsewhere.
   */
  private void follow(
      K key,
      Load mine,
      CompletableFuture<V> future,
      CompletableFuture<? extends @Nullable V> loading,
      long start) {
    var _ =
        loading.whenComplete((value, error) -> {
          if (tiers.file == null || value == null) {
            end(key, mine, future, value, error, System.nanoTime() - start);
          } else {
            long took = System.nanoTime() - start;
            Removals.run(executor, () -> end(key, mine, future, value, error, took));
          }
        });
  }

  private void end(
      K key,
      Load mine,
      CompletableFuture<V> future,
      @Nullable V value,
      @Nullable Throwable error,
      long took) {
    boolean cancelled = future.isCompletedExceptionally();
    if (value == null || cancelled) {
      stats.recordLoadFailure(took);
      fetches.finish(key, mine, null);
    } else {
      keep(key, mine, value);
      stats.recordLoadSuccess(took);
    }
    if (error != null) {
      warn(error);
      future.completeExceptionally(error);
    } else {
      future.complete(value);
    }
  }

  private void keep(K key, Load mine, V value) {
    try {
      var _ = parts.writes().putLoaded(key, value, mine);
    } catch (RuntimeException e) { // the application's codec or expiry, or the cache was closed
      if (!parts.gate().isClosed()) {
        LOG.log(Level.WARNING, "what a future brought can't be kept", e);
      }
    } finally {
      fetches.finish(key, mine, value);
    }
  }

  static void warn(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (!(cause instanceof CancellationException) && !(cause instanceof TimeoutException)) {
      LOG.log(Level.WARNING, "an asynchronous load failed", error);
    }
  }
}
