package dev.carafe;

import com.github.benmanes.caffeine.cache.AsyncCacheLoader;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalListener;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.spi.CacheEngine;
import dev.carafe.spi.CarafeEngine;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.Hooks;
import dev.carafe.spi.StoreSpec;
import dev.carafe.spi.Timing;
import dev.carafe.spi.WriteBudget;
import dev.carafe.spi.WriteExpiry;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Configures and opens a cache. {@code keyCodec}, {@code valueCodec} and {@code memory} are
 * required; everything else has a default. Each setting is given once: a second call throws an
 * {@link IllegalStateException} that has both values. Not thread-safe. A builder with a file opens
 * one cache, since a file has one owner.
 *
 * @param <K> the most general key type so far
 * @param <V> the most general value type so far
 */
public final class CarafeBuilder<K, V> extends MemorySettings<CarafeBuilder<K, V>> {
  /** The smallest memory tier. */
  public static final long MIN_MEMORY_BYTES = 16 * 1024;

  /** The smallest limit of the index. */
  public static final long MIN_INDEX_BYTES = 4L << 20;

  /** Opens the cache of a store; null for a cache of its own. */
  private final @Nullable CacheEngine store;

  private final Executor defaultExecutor;
  private @Nullable Codec<?> keyCodec;
  private @Nullable Codec<?> valueCodec;
  private @Nullable String name;
  private @Nullable FileOptions file;
  private @Nullable Executor executor;
  private @Nullable RemovalListener<?, ?> removalListener;
  private @Nullable RemovalListener<?, ?> evictionListener;
  private @Nullable Supplier<? extends StatsCounter> stats;
  private @Nullable Boolean missRatioCurve;

  CarafeBuilder() {
    this.store = null;
    this.defaultExecutor = ForkJoinPool.commonPool();
  }

  /** Starts a cache of a store. */
  CarafeBuilder(CacheEngine store, Executor defaultExecutor) {
    this.store = store;
    this.defaultExecutor = defaultExecutor;
  }

  /**
   * Returns a builder with the settings of a text: {@code key=value} pairs with commas between
   * them, in the syntax of {@link com.github.benmanes.caffeine.cache.CaffeineSpec}. For example:
   *
   * <pre>{@code
   * memory=64m,file=/var/cache/a.carafe,fileSize=1g,expireAfterWrite=1h
   * }</pre>
   *
   * <ul>
   *   <li>{@code memory}, {@code indexMemory} and {@code fileSize} are bytes: {@code 4096}, {@code
   *       64k}, {@code 16m}, {@code 4g} or {@code 1t}.
   *   <li>{@code writeBudget} is bytes a day, in the same form; it needs {@code file}.
   *   <li>{@code file} is a path without a comma; it needs {@code fileSize}.
   *   <li>{@code persist} is {@code misses}, {@code evictions}, {@code misses+evictions} or {@code
   *       none}. {@code recovery}, {@code io}, {@code compression}, {@code overload} and {@code
   *       retention} are constants of {@link FileOptions} in any case, such as {@code io=channel}.
   *       They and {@code scrubPeriod} need {@code file}.
   *   <li>{@code expireAfterWrite}, {@code expireAfterAccess}, {@code refreshAfterWrite}, {@code
   *       persistWithin} and {@code scrubPeriod} are durations: {@code 10s}, {@code 5m}, {@code
   *       1h}, {@code 7d}, or {@code PT1H30M} as in {@link java.time.Duration#parse}.
   *   <li>{@code scheduler} is {@code system}: {@link #scheduler(Scheduler)}.
   *   <li>{@code recordStats} and {@code recordMissRatioCurve} have no value.
   * </ul>
   *
   * <p>The codecs, and settings that are code, are set on the builder.
   *
   * @param spec the settings
   * @return a new builder
   * @throws IllegalArgumentException if a key is unknown, given twice or has no meaning here, or if
   *     a value is wrong
   */
  public static CarafeBuilder<Object, Object> from(String spec) {
    return new BuilderSpec(spec).builder();
  }

  /**
   * Sets the codec of keys. Two keys are equal if and only if their encoded bytes are equal, in
   * both tiers.
   *
   * @param codec encodes a key to at most 65,535 bytes; see {@link Codec}
   * @param <K1> the key type
   * @return this builder
   */
  public <K1 extends K> CarafeBuilder<K1, V> keyCodec(Codec<K1> codec) {
    this.keyCodec = Checks.once("keyCodec", keyCodec, Objects.requireNonNull(codec, "codec"));
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
    this.valueCodec = Checks.once("valueCodec", valueCodec, Objects.requireNonNull(codec, "codec"));
    return narrowed();
  }

  /**
   * Names the cache, so that several caches of this process share one file: test contexts or
   * applications in one JVM that are configured alike. The first cache opens a {@link CarafeStore}
   * with the memory and the file of this builder, further ones join it, and the last one closes it.
   * Their builders need equal settings of {@link #memory}, {@link #indexMemory}, {@link #file},
   * {@code persistWithin}, {@code writeBudget} and {@code ticker}, and different names. The values
   * of a cache are found again by its name.
   *
   * <p>A file of named caches can be opened by a store, too, but not by a builder without a name.
   *
   * @param name of the cache, 1 to {@value CarafeStore#MAX_NAME_BYTES} bytes of UTF-8
   * @return this builder
   * @throws IllegalArgumentException if the name is empty or too long
   */
  public CarafeBuilder<K, V> name(String name) {
    requireOwn("name");
    this.name = Checks.once("name", this.name, Checks.requireName(name));
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
    requireOwn("file");
    this.file = Checks.once("file", file, Objects.requireNonNull(options, "options"));
    return this;
  }

  /**
   * Gives each entry its own time to live. Repeated reads are fastest with {@link Expiry#creating}
   * and {@link Expiry#writing}: another {@code expiry} is called on each read, with the decoded
   * value.
   *
   * @param expiry calculates it on creation, replacement and reads, as in Caffeine
   * @return this builder
   */
  @SuppressWarnings("unchecked")
  public CarafeBuilder<K, V> expireAfter(Expiry<? super K, ? super V> expiry) {
    Objects.requireNonNull(expiry, "expiry");
    return setExpiry("expireAfter", WriteExpiry.orSame((Expiry<Object, Object>) expiry));
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
   *   <li>{@code EXPIRED} when a read, maintenance (see {@link #scheduler(Scheduler)}) or
   *       reclaiming finds the value expired. With a listener, an extent in which every record has
   *       expired is read before it is freed.
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
    this.removalListener =
        Checks.once(
            "removalListener", removalListener, Objects.requireNonNull(listener, "listener"));
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
    this.evictionListener =
        Checks.once(
            "evictionListener", evictionListener, Objects.requireNonNull(listener, "listener"));
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
    this.executor =
        Checks.once("executor", this.executor, Objects.requireNonNull(executor, "executor"));
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
    this.stats = Checks.once("recordStats", stats, Objects.requireNonNull(counter, "counter"));
    return this;
  }

  /**
   * Records a sample of the accesses, so that {@link TierStats#missRatioCurve} says what hit ratio
   * memory and file of other sizes would have. Takes at most 2.2 MiB of heap, and some nanoseconds
   * of an operation.
   *
   * @return this builder
   */
  public CarafeBuilder<K, V> recordMissRatioCurve() {
    this.missRatioCurve = Checks.once("recordMissRatioCurve", missRatioCurve, true);
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
    return engine().open(spec());
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
    return engine().open(self.spec(), loader);
  }

  /**
   * Opens an asynchronous cache: a caller waits neither for a read of the file nor for a loader.
   *
   * @return an open cache, which the caller closes; throws as {@link #build()}
   */
  public AsyncCarafe<K, V> buildAsync() {
    requireNoRefresh();
    return engine().openAsync(spec());
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
    return engine().openAsync(self.spec(), loader);
  }

  private CacheEngine engine() {
    if (store != null || name == null) {
      return store == null ? CarafeEngine.find() : store;
    }
    if (file == null) {
      throw new IllegalStateException(
          "name is '" + name + "' but the cache has no file to share: add file(path, bytes)");
    }
    Timing times = timing();
    StoreSpec spec =
        new StoreSpec(memoryLimits(), file, times.persistWithin(), times.ticker(), budget());
    return CarafeEngine.find().shared(spec, name);
  }

  @SuppressWarnings("unchecked")
  private CarafeSpec<K, V> spec() {
    WriteBudget budget = budget();
    if (budget != null && file == null) {
      throw new IllegalStateException(
          "writeBudget is "
              + budget.bytesPerDay()
              + " but the cache has no file: add file(path, bytes)");
    }
    return new CarafeSpec<>(
        (Codec<K>) Checks.needed(keyCodec, "keyCodec(…)"),
        (Codec<V>) Checks.needed(valueCodec, "valueCodec(…)"),
        memoryLimits(),
        file,
        timing(),
        new Hooks<>(
            (RemovalListener<K, V>) removalListener,
            (RemovalListener<K, V>) evictionListener,
            executor == null ? defaultExecutor : executor),
        stats == null ? StatsCounter::disabledStatsCounter : stats,
        budget,
        missRatioCurve != null);
  }

  @Override
  CarafeBuilder<K, V> self() {
    return this;
  }

  @Override
  boolean isOfStore() {
    return store != null;
  }

  @SuppressWarnings("unchecked")
  private <K1 extends K, V1 extends V> CarafeBuilder<K1, V1> narrowed() {
    return (CarafeBuilder<K1, V1>) this;
  }
}
