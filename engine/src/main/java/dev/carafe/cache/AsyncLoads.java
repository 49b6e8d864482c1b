package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.tier.FileKey;
import dev.carafe.tier.FileValue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads and loads that return futures. A future under way is a {@link Load}, so that blocking and
 * asynchronous callers share one read or load of a key (contract R5), and a write supersedes it.
 *
 * @param <K> keys
 * @param <V> values
 */
final class AsyncLoads<K, V> {
  private final CacheContext<K, V> context;
  private final Tiers<K> tiers;
  private final Reads<K> reads;
  private final StatsCounter stats;
  private final Executor executor;

  /** Creates a future for a key that neither tier has. */
  interface Loader<K, V> extends BiFunction<K, Executor, CompletableFuture<? extends @Nullable V>> {
    /**
     * Returns whether each future counts as a load. The futures of a bulk load count as one load
     * together.
     */
    default boolean isCounted() {
      return true;
    }
  }

  AsyncLoads(CacheContext<K, V> context) {
    this.context = context;
    this.tiers = context.tiers();
    this.reads = context.reads();
    this.stats = context.hooks().stats();
    this.executor = context.hooks().executor();
  }

  /** Returns the key's future, under way or complete; null on a miss. */
  @Nullable CompletableFuture<V> present(K key) {
    int pass = context.gate().enter();
    try {
      for (; ; ) {
        int version = tiers.storage.locks.version(key);
        CompletableFuture<V> here = getInMemoryOrInFlight(key);
        if (here != null) {
          stats.recordHits(1);
          return here;
        }
        FileKey bytes = tiers.keyBytes(key);
        if (bytes == null || !tiers.mayBeInFile(bytes)) {
          if (!reads.isMiss(key, null, version)) {
            continue;
          }
          tiers.accesses.miss(key);
          stats.recordMisses(1);
          return null;
        }
        PromisedLoad<K, V> mine =
            new PromisedLoad<>(context, key, Load.Kind.READ, new CompletableFuture<>());
        Load other = tiers.cache.flights().begin(key, mine.load());
        if (other == null) {
          mine.runOrFail(() -> readFile(mine, bytes, () -> mine.completeWith(null)));
          return mine.future();
        }
        if (!hasFailed(key, other)) {
          stats.recordHits(1);
          return futureOf(key, other);
        }
      }
    } finally {
      context.gate().exit(pass);
    }
  }

  /**
   * Looks the key up in memory, then among the loads in flight, then in memory again, since a load
   * that ends moves its value to memory.
   */
  @Nullable CompletableFuture<V> getInMemoryOrInFlight(K key) {
    V value = context.getFromMemory(key);
    if (value == null) {
      Load load = tiers.cache.flights().get(key);
      if (load != null && !hasFailed(key, load)) {
        return futureOf(key, load);
      }
      value = context.getFromMemory(key);
    }
    return value == null ? null : CompletableFuture.completedFuture(value);
  }

  /**
   * Returns whether the application failed or cancelled the load's future. Such a load is
   * abandoned, so that other callers begin a new one.
   */
  private boolean hasFailed(K key, Load load) {
    if (!load.isFailed()) {
      return false;
    }
    tiers.cache.flights().abandon(key, load);
    return true;
  }

  /** Returns the load's future, or one that looks the key up again when the load has ended. */
  @SuppressWarnings("unchecked")
  private CompletableFuture<V> futureOf(K key, Load load) {
    CompletableFuture<?> future = load.future();
    if (future != null) {
      return (CompletableFuture<V>) future;
    }
    return load.outcome()
        .thenComposeAsync(
            loaded -> {
              CompletableFuture<V> now = loaded == null ? present(key) : null;
              return now != null ? now : CompletableFuture.completedFuture((V) loaded);
            },
            executor);
  }

  /** Returns the key's future; the loader creates it if neither tier has the key. */
  CompletableFuture<V> get(K key, Loader<K, V> loader) {
    int pass = context.gate().enter();
    try {
      for (; ; ) {
        V value = context.getFromMemory(key);
        if (value != null) {
          stats.recordHits(1);
          return CompletableFuture.completedFuture(value);
        }
        FileKey bytes =
            tiers.keyBytes(key); // before the load is registered, since the codec may throw
        PromisedLoad<K, V> mine =
            new PromisedLoad<>(context, key, Load.Kind.LOAD, new CompletableFuture<>());
        Load other = tiers.cache.flights().begin(key, mine.load());
        if (other == null) {
          mine.runOrFail(() -> lead(mine, bytes, loader));
          return mine.future();
        }
        if (!hasFailed(key, other)) {
          return join(key, other, loader);
        }
      }
    } finally {
      context.gate().exit(pass);
    }
  }

  private void lead(PromisedLoad<K, V> mine, @Nullable FileKey bytes, Loader<K, V> loader) {
    int version;
    V present;
    do {
      version = tiers.storage.locks.version(mine.key());
      present = context.getFromMemory(mine.key());
    } while (present == null
        && !tiers.mayBeInFile(bytes)
        && !reads.isMiss(mine.key(), null, version));
    if (present != null) {
      stats.recordHits(1);
      mine.completeWith(present);
    } else if (bytes != null && tiers.mayBeInFile(bytes)) {
      readFile(mine, bytes, () -> load(mine, loader));
    } else {
      tiers.accesses.miss(mine.key());
      load(mine, loader);
    }
  }

  private CompletableFuture<V> join(K key, Load other, Loader<K, V> loader) {
    if (other.future() != null) {
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

  /** Reads the file as the leader of the key, and runs {@code missed} on a miss. */
  private void readFile(PromisedLoad<K, V> mine, FileKey bytes, Runnable missed) {
    context
        .asyncReads()
        .read(
            bytes, found -> mine.runOrFailQuietly(() -> completeRead(mine, bytes, found, missed)));
  }

  private void completeRead(
      PromisedLoad<K, V> mine, FileKey bytes, @Nullable FileValue found, Runnable missed) {
    Object seen = Reads.MISS;
    try (FileValue value = found) {
      if (value != null) {
        seen =
            reads.readAndPromote(mine.key(), bytes, mine.load(), value, context.values().decoder);
      } else if (!context.gate().isClosed()) { // a miss, or overwritten since the lookup in memory
        seen = reads.lead(mine.key(), bytes, mine.load(), context.values().decoder);
      }
    } finally {
      tiers.writer.drain();
    }
    if (seen != Reads.MISS) {
      @SuppressWarnings("unchecked")
      V decoded = (V) seen;
      stats.recordHits(1);
      mine.completeWith(decoded);
      return;
    }
    if (context.gate().isClosed()) {
      throw new IllegalStateException("the cache is closed");
    }
    if (!mine.future().isDone()) {
      missed.run();
    }
  }

  private void load(PromisedLoad<K, V> mine, Loader<K, V> loader) {
    stats.recordMisses(1);
    mine.beginLoad(loader.isCounted());
    mine.follow(
        requireNonNull(
            loader.apply(mine.key(), executor), "the loader returned null for a future"));
  }

  /**
   * Replaces the key's value by a future. Readers get the future, and its value is stored when it
   * completes.
   */
  void put(K key, CompletableFuture<? extends @Nullable V> valueFuture) {
    int pass = context.gate().enter();
    try {
      @SuppressWarnings("unchecked")
      CompletableFuture<V> future = (CompletableFuture<V>) valueFuture;
      PromisedLoad<K, V> mine = new PromisedLoad<>(context, key, Load.Kind.SUPPLIED, future);
      tiers.putFuture(key, tiers.keyBytes(key), mine.load());
      mine.followSupplied();
    } finally {
      context.gate().exit(pass);
      context.writes().drainSpill();
    }
  }

  /** Returns the keys whose futures are not complete. */
  Set<K> pendingKeys() {
    return tiers.cache.flights().keysWithFutures();
  }

  /**
   * Removes the key if its value is to come from a future, without waiting for the future. Its
   * value is then not stored.
   *
   * @return the future; null if there is none, and the key is not removed
   */
  @SuppressWarnings("unchecked")
  @Nullable CompletableFuture<V> removePending(K key) {
    if (pendingFuture(key) == null) {
      return null;
    }
    int pass = context.gate().enter();
    ReentrantLock lock = tiers.storage.locks.of(key);
    lock.lock();
    try {
      CompletableFuture<?> future = pendingFuture(key);
      if (future != null) {
        var _ = tiers.remove(key, tiers.keyBytes(key));
      }
      return (CompletableFuture<V>) future;
    } finally {
      lock.unlock();
      context.gate().exit(pass);
    }
  }

  private @Nullable CompletableFuture<?> pendingFuture(K key) {
    Load load = tiers.cache.flights().get(key);
    return load == null || !load.isLoading() || load.isFailed() ? null : load.future();
  }
}
