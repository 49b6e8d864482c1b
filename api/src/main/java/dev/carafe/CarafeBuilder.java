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
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Configures and opens a cache. {@code keyCodec}, {@code valueCodec} and {@code memory} are
 * required; everything else has a default. Not thread-safe. A builder with a file opens one cache,
 * since a file has one owner.
 *
 * @param <K> the most general key type so far
 * @param <V> the most general value type so far
 */
public final class CarafeBuilder<K, V> {
  /** The smallest memory tier. */
  public static final long MIN_MEMORY_BYTES = 16 * 1024;

  /** The smallest limit of the index. */
  public static final long MIN_INDEX_BYTES = 4L << 20;

  private @Nullable Codec<?> keyCodec;
  private @Nullable Codec<?> valueCodec;
  private MemoryLimits limits = MemoryLimits.of(0);
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
   * Sets the codec of keys. Two keys are equal if and only if their encoded bytes are equal, in
   * both tiers.
   *
   * @param codec encodes a key to at most 65,535 bytes; see {@link Codec}
   * @param <K1> the key type
   * @return this builder
   */
  public <K1 extends K> CarafeBuilder<K1, V> keyCodec(Codec<K1> codec) {
    this.keyCodec = Objects.requireNonNull(codec, "codec");
    return narrowed();
  }

  /**
   * Sets the codec of values.
   *
   * @param codec encodes and decodes values
   * @param <V1> the value type
   * @return this builder
   */
  public <V1 extends V> CarafeBuilder<K, V1> valueCodec(Codec<V1> codec) {
    this.valueCodec = Objects.requireNonNull(codec, "codec");
    return narrowed();
  }

  /**
   * Sets the size of the memory tier: a hard bound of the native memory that holds values. The
   * address space is reserved when the cache is opened. Buffers and index of a file, and the heap
   * of Caffeine's entries, are beside it ({@link Carafe#memoryUsage}, {@link #indexMemory}).
   *
   * @param bytes at least {@value #MIN_MEMORY_BYTES}
   * @return this builder
   * @throws IllegalArgumentException if bytes is less
   */
  public CarafeBuilder<K, V> memory(long bytes) {
    long regionBytes = Checks.requireAtLeast("memory", bytes, MIN_MEMORY_BYTES);
    this.limits = new MemoryLimits(regionBytes, limits.indexBytes());
    return this;
  }

  /**
   * Limits the memory of the index: the heap of the entries in memory (about 160 bytes each, and
   * the key), and the file's table off the heap (20 to 40 bytes a record). With a file, each gets
   * half of it. At the limit, memory evicts entries although the arena has room, and the file
   * reclaims its oldest extent although it has clean ones.
   *
   * <p>Without this limit, the capacities bound the index: the arena has at most one entry for each
   * 64 bytes, and the file one record for each 32 bytes.
   *
   * @param bytes at least {@value #MIN_INDEX_BYTES}; no limit of its own by default
   * @return this builder
   * @throws IllegalArgumentException if bytes is less
   */
  public CarafeBuilder<K, V> indexMemory(long bytes) {
    long indexBytes = Checks.requireAtLeast("indexMemory", bytes, MIN_INDEX_BYTES);
    this.limits = new MemoryLimits(limits.regionBytes(), indexBytes);
    return this;
  }

  /**
   * Adds a file tier with {@linkplain FileOptions#at(Path, long) the default options}.
   *
   * @param file the file; its directory must exist
   * @param bytes the file's capacity, which it never exceeds; a file that was made with another one
   *     adopts it when it is opened (see {@link FileOptions#capacityBytes})
   * @return this builder
   */
  public CarafeBuilder<K, V> file(Path file, long bytes) {
    return file(FileOptions.at(file, bytes));
  }

  /**
   * Adds a file tier.
   *
   * @param options path, capacity and modes
   * @return this builder
   */
  public CarafeBuilder<K, V> file(FileOptions options) {
    this.file = Objects.requireNonNull(options, "options");
    return this;
  }

  /**
   * Bounds how long a change is in memory only. A put, a load or a removal is in the file at most
   * this long after it returned, and survives {@code kill -9} from then on, whether or not other
   * operations follow (contract D6). A value that is overwritten sooner is not written. {@link
   * FileOptions#persist} selects the values that this applies to. Only {@link Carafe#flush}
   * protects from a power cut.
   *
   * @param bound 10 seconds by default; a very long bound writes values only when memory evicts
   *     them or the cache is flushed or closed
   * @return this builder
   * @throws IllegalArgumentException if the bound is not positive
   */
  public CarafeBuilder<K, V> persistWithin(Duration bound) {
    this.persistWithin = Checks.requirePositive("bound", bound);
    return this;
  }

  /**
   * Expires an entry a fixed time after it was created or last replaced, in both tiers and across
   * restarts. The wall clock's corrections are followed (contract R6).
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
   * Expires an entry a fixed time after it was created, last replaced, or last read. A value that
   * was read is written to the file again when memory evicts it, since its time of expiry has
   * changed. A value larger than the memory tier keeps the time of its writing.
   *
   * @param duration how long an entry lives without a read
   * @return this builder
   * @throws IllegalArgumentException if the duration is negative
   * @throws IllegalStateException if an expiry was set before
   */
  public CarafeBuilder<K, V> expireAfterAccess(Duration duration) {
    return expiry("expireAfterAccess", new FixedExpiry(duration, true));
  }

  /**
   * Gives each entry its own time to live.
   *
   * @param expiry calculates it on creation, replacement and reads, as in Caffeine
   * @return this builder
   */
  @SuppressWarnings("unchecked")
  public CarafeBuilder<K, V> expireAfter(Expiry<? super K, ? super V> expiry) {
    return expiry("expireAfter", (Expiry<Object, Object>) Objects.requireNonNull(expiry, "expiry"));
  }

  /**
   * Reloads an entry older than this when it is read. The read returns the old value at once, and
   * the loader's {@code asyncReload} runs on the {@link #executor}. Requires a loader.
   *
   * <p>With {@link #expireAfterWrite} or without an expiry, the age of a value survives eviction to
   * the file and a restart, since its record has the time. With {@link #expireAfterAccess} or
   * {@link #expireAfter}, a value that is read back from the file counts as written at that time.
   *
   * @param duration how old a value may be before a read refreshes it
   * @return this builder
   * @throws IllegalArgumentException if the duration is not positive
   */
  public CarafeBuilder<K, V> refreshAfterWrite(Duration duration) {
    this.refreshAfterWrite = Checks.requirePositive("duration", duration);
    return this;
  }

  /**
   * Sets a listener that is notified of every value that has left the cache, on the {@link
   * #executor}. Exceptions of the listener are logged and suppressed.
   *
   * <p>A value that memory evicts to the file is still in the cache, and the listener is not
   * notified. The causes are:
   *
   * <ul>
   *   <li>{@code REPLACED} and {@code EXPLICIT} when the value was overwritten or invalidated. If
   *       only the file had it, it is read from the file first.
   *   <li>{@code SIZE} when memory evicts it and the file does not take it, or when the file
   *       reclaims its record. The value is read before its extent is reused.
   *   <li>{@code EXPIRED} when a read, maintenance (see {@link #scheduler}) or reclaiming finds the
   *       value expired. With a listener, an extent in which every record has expired is read
   *       before it is freed.
   * </ul>
   *
   * <p>The listener is not notified of records that can't be read (damaged, or lost with the file),
   * nor of entries that {@link Carafe#close} leaves in the file. The value is a new object, decoded
   * from its bytes.
   *
   * @param listener called on the executor
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
   * Sets a listener that is notified of every value that leaves the cache by eviction ({@code SIZE}
   * or {@code EXPIRED}), on the thread that evicts it: a thread of the application, or the cache's
   * own thread for a value that leaves the file. It must be quick and must not write to this cache.
   * Exceptions of the listener are logged and suppressed.
   *
   * <p>It is notified of the same evictions as {@link #removalListener}. A value that memory evicts
   * and the file does not take is reported as part of the eviction, as in Caffeine. A value that
   * leaves the file is reported right after, so a write of the same key may come in between.
   *
   * @param listener called on the thread that evicts
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
   * Sets the executor of asynchronous loads, refreshes, completions of asynchronous file reads,
   * removal listeners, and the policy's maintenance after reads. A write evicts on its own thread.
   *
   * @param executor {@link ForkJoinPool#commonPool()} by default
   * @return this builder
   */
  public CarafeBuilder<K, V> executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Sets a scheduler that removes expired entries promptly: from memory when they expire, from the
   * file within a minute after the last record of an extent has expired. Without a scheduler,
   * expired entries are removed by later operations. They are never returned.
   *
   * @param scheduler such as {@link Scheduler#systemScheduler()}
   * @return this builder
   */
  public CarafeBuilder<K, V> scheduler(Scheduler scheduler) {
    this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    return this;
  }

  /**
   * Sets the clock of expiry and refresh, for tests.
   *
   * @param ticker nanoseconds, from any origin
   * @return this builder
   */
  public CarafeBuilder<K, V> ticker(Ticker ticker) {
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    return this;
  }

  /**
   * Enables {@link Carafe#stats()}. The weight of an eviction is the value's length in bytes.
   *
   * @return this builder
   */
  public CarafeBuilder<K, V> recordStats() {
    return recordStats(ConcurrentStatsCounter::new);
  }

  /**
   * Enables {@link Carafe#stats()} with a counter of the application. Exceptions of the counter are
   * logged and suppressed.
   *
   * @param counter creates the counter when the cache is opened
   * @return this builder
   */
  public CarafeBuilder<K, V> recordStats(Supplier<? extends StatsCounter> counter) {
    this.stats = Objects.requireNonNull(counter, "counter");
    return this;
  }

  /**
   * Opens the cache. With a file, recovers its content: from its index checkpoint if it was closed
   * in order, else by reading the extents that have none.
   *
   * @return an open cache, which the caller closes
   * @throws IllegalStateException if a codec, the memory or the engine is missing
   * @throws CarafeException if the file can't be opened, is in use, or belongs to a cache of
   *     another format or other codecs
   */
  public Carafe<K, V> build() {
    requireNoRefresh();
    return CarafeEngine.find().open(spec());
  }

  /**
   * Opens a cache that loads missing values.
   *
   * @param loader loads a missing value, on the thread that asks for it
   * @param <K1> the key type
   * @param <V1> the value type
   * @return an open cache, which the caller closes; throws as {@link #build()}
   */
  public <K1 extends K, V1 extends V> LoadingCarafe<K1, V1> build(
      CacheLoader<? super K1, V1> loader) {
    Objects.requireNonNull(loader, "loader");
    CarafeBuilder<K1, V1> self = narrowed();
    return CarafeEngine.find().open(self.spec(), loader);
  }

  /**
   * Opens an asynchronous cache: a caller waits neither for a read of the file nor for a loader.
   *
   * @return an open cache, which the caller closes; throws as {@link #build()}
   */
  public AsyncCarafe<K, V> buildAsync() {
    requireNoRefresh();
    return CarafeEngine.find().openAsync(spec());
  }

  /**
   * Opens an asynchronous cache that loads missing values.
   *
   * @param loader loads a missing value, on the {@link #executor}
   * @param <K1> the key type
   * @param <V1> the value type
   * @return an open cache, which the caller closes; throws as {@link #build()}
   */
  public <K1 extends K, V1 extends V> AsyncLoadingCarafe<K1, V1> buildAsync(
      CacheLoader<? super K1, V1> loader) {
    return buildAsync((AsyncCacheLoader<? super K1, V1>) loader);
  }

  /**
   * Opens an asynchronous cache that loads missing values through futures of the loader.
   *
   * @param loader returns a future of the missing value
   * @param <K1> the key type
   * @param <V1> the value type
   * @return an open cache, which the caller closes; throws as {@link #build()}
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
        (Codec<K>) Checks.needed(keyCodec, "keyCodec(…)"),
        (Codec<V>) Checks.needed(valueCodec, "valueCodec(…)"),
        Checks.needed(limits.regionBytes() == 0 ? null : limits, "memory(bytes)"),
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

  @SuppressWarnings("unchecked")
  private <K1 extends K, V1 extends V> CarafeBuilder<K1, V1> narrowed() {
    return (CarafeBuilder<K1, V1>) this;
  }
}
