package dev.carafe;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalListener;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.spi.CarafeEngine;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.FixedExpiry;
import dev.carafe.spi.Hooks;
import dev.carafe.spi.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says what a cache is to be. {@code keyCodec}, {@code valueCodec} and {@code memory} are needed,
 * all else has a default. Not thread-safe; may be used for one cache only, since a file has one
 * owner.
 *
 * @param <K> the most general key type so far
 * @param <V> the most general value type so far
 */
public final class CarafeBuilder<K, V> {
  /** The smallest memory tier. */
  public static final long MIN_MEMORY_BYTES = 16 * 1024;

  private @Nullable Codec<?> keyCodec;
  private @Nullable Codec<?> valueCodec;
  private long memoryBytes;
  private @Nullable FileOptions file;
  private @Nullable Expiry<Object, Object> expiry;
  private @Nullable String expiryName;
  private @Nullable Ticker ticker;
  private @Nullable Duration refreshAfterWrite;
  private @Nullable Scheduler scheduler;
  private Duration persistWithin = Timing.DEFAULT_PERSIST_WITHIN;
  private @Nullable Executor executor;
  private @Nullable RemovalListener<?, ?> removalListener;
  private @Nullable RemovalListener<?, ?> evictionListener;
  private @Nullable Supplier<? extends StatsCounter> stats;

  CarafeBuilder() {}

  /**
   * How keys become bytes: two keys are equal if and only if their bytes are, in both tiers.
   *
   * @param codec gives at most 65,535 bytes for a key; see {@link Codec}
   * @param <K1> the key type
   * @return this builder
   */
  public <K1 extends K> CarafeBuilder<K1, V> keyCodec(Codec<K1> codec) {
    this.keyCodec = Objects.requireNonNull(codec, "codec");
    return narrowed();
  }

  /**
   * How values become bytes.
   *
   * @param codec turns values into bytes and back
   * @param <V1> the value type
   * @return this builder
   */
  public <V1 extends V> CarafeBuilder<K, V1> valueCodec(Codec<V1> codec) {
    this.valueCodec = Objects.requireNonNull(codec, "codec");
    return narrowed();
  }

  /**
   * The hard bound of the memory that holds values.
   *
   * @param bytes at least {@value #MIN_MEMORY_BYTES}, else an IllegalArgumentException is thrown
   * @return this builder
   */
  public CarafeBuilder<K, V> memory(long bytes) {
    if (bytes < MIN_MEMORY_BYTES) {
      throw new IllegalArgumentException(
          "memory is " + bytes + " bytes but must be at least " + MIN_MEMORY_BYTES);
    }
    this.memoryBytes = bytes;
    return this;
  }

  /**
   * Adds a file tier with {@linkplain FileOptions#at(Path, long) the default options}.
   *
   * @param file the one file; its directory must exist
   * @param bytes the most that the file may take
   * @return this builder
   */
  public CarafeBuilder<K, V> file(Path file, long bytes) {
    return file(FileOptions.at(file, bytes));
  }

  /**
   * Adds a file tier.
   *
   * @param options how it is kept
   * @return this builder
   */
  public CarafeBuilder<K, V> file(FileOptions options) {
    this.file = Objects.requireNonNull(options, "options");
    return this;
  }

  /**
   * How long a change may be in memory only: a put, a load or a removal is in the file at most that
   * long after it returned, and survives {@code kill -9} from then on, whatever follows. What is
   * overwritten sooner is not written. {@link FileOptions#persist} says which values this is for; a
   * power cut is what {@link Carafe#flush} is for.
   *
   * @param bound 10 seconds by default; centuries write nothing before memory must make room
   * @return this builder
   * @throws IllegalArgumentException if the bound is not positive
   */
  public CarafeBuilder<K, V> persistWithin(Duration bound) {
    this.persistWithin = Durations.requirePositive("bound", bound);
    return this;
  }

  /**
   * Entries expire a fixed time after they were created or last replaced, in both tiers and over
   * restarts.
   *
   * @param duration how long an entry lives
   * @return this builder
   * @throws IllegalArgumentException if the duration is negative
   * @throws IllegalStateException if an expiry was set before
   */
  public CarafeBuilder<K, V> expireAfterWrite(Duration duration) {
    return expiry("expireAfterWrite", new FixedExpiry(duration, false));
  }

  /**
   * Entries expire a fixed time after they were created, last replaced, or last read. A value that
   * was read is written to the file anew when it leaves memory, since its record's time has moved;
   * only a value that is larger than all of memory keeps the time of its writing.
   *
   * @param duration how long an entry lives unread
   * @return this builder
   * @throws IllegalArgumentException if the duration is negative
   * @throws IllegalStateException if an expiry was set before
   */
  public CarafeBuilder<K, V> expireAfterAccess(Duration duration) {
    return expiry("expireAfterAccess", new FixedExpiry(duration, true));
  }

  /**
   * Each entry has its own time to live.
   *
   * @param expiry says how long; called on creation, replacement and reads, as Caffeine does
   * @return this builder
   */
  @SuppressWarnings("unchecked")
  public CarafeBuilder<K, V> expireAfter(Expiry<? super K, ? super V> expiry) {
    return expiry("expireAfter", (Expiry<Object, Object>) Objects.requireNonNull(expiry, "expiry"));
  }

  /**
   * Entries older than this are loaded anew when they are read: the read gets the old value at
   * once, and the loader's {@code asyncReload} runs on the {@link #executor}. Needs a loader.
   *
   * <p>The age of a value outlives its stay in memory and a restart, since it is told by the time
   * of expiry in its record. Only with {@link #expireAfterAccess} or {@link #expireAfter}, whose
   * times say nothing of it, a value that comes back from the file counts as written then.
   *
   * @param duration how old a value may be before a read refreshes it
   * @return this builder
   * @throws IllegalArgumentException if the duration is not positive
   */
  public CarafeBuilder<K, V> refreshAfterWrite(Duration duration) {
    this.refreshAfterWrite = Durations.requirePositive("duration", duration);
    return this;
  }

  /**
   * Told of every value that has left the cache, after it has, on the {@link #executor}. What it
   * throws is logged and swallowed.
   *
   * <p>A value that only leaves memory is still in the cache: nothing is told. It is told
   *
   * <ul>
   *   <li>{@code REPLACED} and {@code EXPLICIT} when it was overwritten or invalidated; where only
   *       the file had it, it is read for the listener's sake first;
   *   <li>{@code SIZE} when memory evicts it and no file takes it, or when the file gives up its
   *       record to make room; the value is read in time;
   *   <li>{@code EXPIRED} when that is found out: by a read, by maintenance (see {@link
   *       #scheduler}), or when the file comes to its extent. With a listener, extents of nothing
   *       but expired records are read, which else are freed unread.
   * </ul>
   *
   * <p>Nothing is told of records that can't be read any more (damaged, or lost with their file),
   * nor of what {@link Carafe#close} leaves in the file. The value is a fresh copy, decoded from
   * its bytes.
   *
   * @param listener runs on the executor
   * @param <K1> the key type
   * @param <V1> the value type
   * @return this builder
   */
  public <K1 extends K, V1 extends V> CarafeBuilder<K1, V1> removalListener(
      RemovalListener<? super K1, ? super V1> listener) {
    this.removalListener = Objects.requireNonNull(listener, "listener");
    return narrowed();
  }

  /**
   * Told of every value that leaves the cache by eviction ({@code SIZE} or {@code EXPIRED}), on the
   * thread that evicts it: the application's, or, for what leaves the file, the cache's own. It
   * must be quick and not write to this cache; what it throws is logged and swallowed.
   *
   * <p>It is told the same values as {@link #removalListener}. What memory evicts and no file takes
   * is told as part of the eviction, as in Caffeine; what leaves the file is told right after, so
   * that a write of the same key may come in between.
   *
   * @param listener runs on whichever thread evicts
   * @param <K1> the key type
   * @param <V1> the value type
   * @return this builder
   */
  public <K1 extends K, V1 extends V> CarafeBuilder<K1, V1> evictionListener(
      RemovalListener<? super K1, ? super V1> listener) {
    this.evictionListener = Objects.requireNonNull(listener, "listener");
    return narrowed();
  }

  /**
   * Runs asynchronous loads, refreshes, file reads of asynchronous caches, removal listeners, and
   * the policy's upkeep after reads. What a write evicts is evicted on the thread that writes.
   *
   * @param executor {@link ForkJoinPool#commonPool()} by default
   * @return this builder
   */
  public CarafeBuilder<K, V> executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Removes expired entries promptly, on the file alone within a minute after the last of an
   * extent. Without one, maintenance by other operations does; none is ever returned.
   *
   * @param scheduler such as {@link Scheduler#systemScheduler()}
   * @return this builder
   */
  public CarafeBuilder<K, V> scheduler(Scheduler scheduler) {
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * The clock of expiry and refresh; for tests.
   *
   * @param ticker nanoseconds, from any origin
   * @return this builder
   */
  public CarafeBuilder<K, V> ticker(Ticker ticker) {
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    return this;
  }

  /**
   * Keeps Caffeine's {@link Carafe#stats()}. The weight of an eviction is the value's bytes.
   *
   * @return this builder
   */
  public CarafeBuilder<K, V> recordStats() {
    return recordStats(ConcurrentStatsCounter::new);
  }

  /**
   * Keeps Caffeine's statistics in a counter of the application's.
   *
   * @param counter makes the counter when the cache is opened
   * @return this builder
   */
  public CarafeBuilder<K, V> recordStats(Supplier<? extends StatsCounter> counter) {
    this.stats = Objects.requireNonNull(counter, "counter");
    return this;
  }

  /**
   * Opens the cache.
   *
   * @return an open cache, to be closed
   * @throws IllegalStateException if a codec, the memory or the engine is missing
   * @throws CarafeException if the file can't be opened, is in use, or is not this cache's
   */
  public Carafe<K, V> build() {
    requireNoRefresh();
    return CarafeEngine.find().open(spec());
  }

  /**
   * Opens a cache that loads what it misses.
   *
   * @param loader loads what is missing
   * @param <K1> the key type
   * @param <V1> the value type
   * @return an open cache, to be closed; throws as {@link #build()}
   */
  public <K1 extends K, V1 extends V> LoadingCarafe<K1, V1> build(
      CacheLoader<? super K1, V1> loader) {
    Objects.requireNonNull(loader, "loader");
    CarafeBuilder<K1, V1> self = narrowed();
    return CarafeEngine.find().open(self.spec(), loader);
  }

  /**
   * Opens an asynchronous cache: neither the file nor a loader is waited for by the caller.
   *
   * @return an open cache, to be closed; throws as {@link #build()}
   */
  public AsyncCarafe<K, V> buildAsync() {
    requireNoRefresh();
    return CarafeEngine.find().openAsync(spec());
  }

  /**
   * Opens an asynchronous cache that loads what it misses.
   *
   * @param loader loads what is missing, on the {@link #executor}
   * @param <K1> the key type
   * @param <V1> the value type
   * @return an open cache, to be closed; throws as {@link #build()}
   */
  public <K1 extends K, V1 extends V> AsyncLoadingCarafe<K1, V1> buildAsync(
      CacheLoader<? super K1, V1> loader) {
    return buildAsync((AsyncCacheLoader<? super K1, V1>) loader);
  }

  /**
   * Opens an asynchronous cache that loads what it misses by futures of the loader's own.
   *
   * @param loader loads what is missing
   * @param <K1> the key type
   * @param <V1> the value type
   * @return an open cache, to be closed; throws as {@link #build()}
   */
  public <K1 extends K, V1 extends V> AsyncLoadingCarafe<K1, V1> buildAsync(
      AsyncCacheLoader<? super K1, V1> loader) {
    Objects.requireNonNull(loader, "loader");
    CarafeBuilder<K1, V1> self = narrowed();
    return CarafeEngine.find().openAsync(self.spec(), loader);
  }

  private void requireNoRefresh() {
    if (refreshAfterWrite != null) {
      throw new IllegalStateException("refreshAfterWrite needs a loader: use build(loader)");
    }
  }

  private CarafeBuilder<K, V> expiry(String name, Expiry<Object, Object> chosen) {
    if (expiryName != null) {
      throw new IllegalStateException(name + " can't be set: " + expiryName + " was set before");
    }
    this.expiry = chosen;
    this.expiryName = name;
    return this;
  }

  @SuppressWarnings("unchecked")
  private CarafeSpec<K, V> spec() {
    return new CarafeSpec<>(
        (Codec<K>) needed(keyCodec, "keyCodec(…)"),
        (Codec<V>) needed(valueCodec, "valueCodec(…)"),
        memoryBytes == 0 ? needed(null, "memory(bytes)") : memoryBytes,
        file,
        new Timing(
            expiry,
            refreshAfterWrite,
            ticker == null ? Ticker.systemTicker() : ticker,
            scheduler,
            persistWithin),
        new Hooks<>(
            (RemovalListener<K, V>) removalListener,
            (RemovalListener<K, V>) evictionListener,
            executor == null ? ForkJoinPool.commonPool() : executor),
        stats == null ? StatsCounter::disabledStatsCounter : stats);
  }

  private static <T> T needed(@Nullable T value, String call) {
    return Optional.ofNullable(value)
        .orElseThrow(() -> new IllegalStateException("a cache needs " + call));
  }

  @SuppressWarnings("unchecked")
  private <K1 extends K, V1 extends V> CarafeBuilder<K1, V1> narrowed() {
    return (CarafeBuilder<K1, V1>) this;
  }
}
