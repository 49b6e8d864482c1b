package dev.carafe;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.spi.CarafeEngine;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.StoreSpec;
import dev.carafe.spi.Timing;
import dev.carafe.spi.WriteBudget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The caches of an application: many caches over one memory, one file, one set of buffers and one
 * set of background threads. Each cache has a name, its own keys and values, and its own settings.
 *
 * <p>The file holds the names of the caches and the fingerprints of their codecs. A store that is
 * opened again has the same caches. The values of a cache are there as soon as the cache is opened
 * by its name.
 *
 * <p><b>Shares of the memory.</b> {@link CarafeBuilder#memory} of a cache is its reserve, which
 * other caches can't take. {@link CarafeBuilder#memoryLimit} is its ceiling. In between, memory
 * that one cache does not use goes to the caches that evict, and after that it moves to the caches
 * that would have the most hits by it. The file has no shares: its oldest records leave it first.
 *
 * <p><b>Durability.</b> {@link #flush} makes the changes of all caches durable at one moment of
 * their common history. Contract D3 holds for the store as a whole.
 *
 * <p>Thread-safe.
 *
 * <pre>{@code
 * try (CarafeStore store =
 *         CarafeStore.newBuilder()
 *             .memory(256 << 20)
 *             .file(Path.of("/var/cache/app.carafe"), 8L << 30)
 *             .build();
 *     Carafe<Long, String> users =
 *         store.cache("users", Codec.int64(), Codec.utf8()).memory(16 << 20).build();
 *     Carafe<String, byte[]> pages =
 *         store.cache("pages", Codec.utf8(), Codec.bytes()).expireAfterWrite(ofHours(1)).build()) {
 *   users.put(1L, "Ada");
 * }
 * }</pre>
 */
public interface CarafeStore extends AutoCloseable {
  /** The longest name of a cache, in bytes of UTF-8. */
  int MAX_NAME_BYTES = 255;

  /**
   * Starts a store.
   *
   * @return a builder with nothing set
   */
  static Builder newBuilder() {
    return new Builder();
  }

  /**
   * Starts a cache of this store. Its {@code build} methods open the cache of that name, or make
   * it. They throw {@link IllegalStateException} if the cache is open already, and {@link
   * FileFormatException} if the file has a cache of that name that was written with other codecs;
   * {@link #drop} removes that cache.
   *
   * <p>The builder accepts the settings of a cache: expiry, refresh, listeners, statistics,
   * executor and scheduler. {@link CarafeBuilder#memory} is the reserve of the cache, {@link
   * CarafeBuilder#memoryLimit} its ceiling. The file, {@code persistWithin}, {@code indexMemory}
   * and {@code ticker} belong to the store.
   *
   * @param name of the cache, 1 to {@value #MAX_NAME_BYTES} bytes of UTF-8
   * @param keys the codec of its keys
   * @param values the codec of its values
   * @param <K> keys
   * @param <V> values
   * @return a builder of the cache
   * @throws IllegalArgumentException if the name is empty or too long
   */
  <K, V> CarafeBuilder<K, V> cache(String name, Codec<K> keys, Codec<V> values);

  /**
   * Returns the names of all caches.
   *
   * @return those that are open and those that only the file has, in no order
   * @throws IllegalStateException if the store is closed
   */
  Set<String> cacheNames();

  /**
   * Removes a cache with all its values. An open cache is closed. When this returns, the cache is
   * absent in this process and after any crash, whatever its size. The memory and the blocks of the
   * file that it had are used again; that work is done after the call. Listeners are not notified.
   * Waits for the operations of the cache that are under way, and for one sync of the file, or for
   * two if one is under way.
   *
   * @param name of the cache; of no cache, nothing happens
   * @throws DeviceException if the removal could not be made durable; the cache is absent in this
   *     process, and may return after a crash
   * @throws IllegalStateException if the caller is inside an operation of that cache, or the store
   *     is closed
   */
  void drop(String name);

  /**
   * Changes the capacities while the caches serve. Values that fit are kept: a smaller memory
   * evicts by the policy, a smaller file gives up its oldest records if not all fit. Returns when
   * the new capacities are in force and the file has its new length; to shrink a file can take as
   * long as to write it. Several calls at once run one after another.
   *
   * <p>The memory can grow to 16 times its length at opening, or to 16 GiB if that is more, since
   * these addresses are reserved. On systems without mmap, or with a limit on addresses ({@code
   * ulimit -v}), it can only have what it was opened with. The pages of a smaller memory go back to
   * the system, except those of leases that are open and of reads under way, which follow when a
   * later put finds the memory full. The buffers that are registered with io_uring follow. The call
   * writes the evicted values to the file, as other evictions do.
   *
   * @param memoryBytes the new limit of the memory of all caches, at least {@link
   *     CarafeBuilder#MIN_MEMORY_BYTES} and the sum of their reserves
   * @param fileBytes the new capacity of the file, ignored without a file
   * @throws IllegalArgumentException if a capacity is too small or too large; nothing is changed
   * @throws OutOfMemoryError if the system has no more memory; nothing is changed
   * @throws DeviceException if the device failed; the message has the reason and the capacity that
   *     the file has now, and the memory has its new limit
   */
  void resize(long memoryBytes, long fileBytes);

  /**
   * Makes all changes of all caches durable, as {@link Carafe#flush} does for one.
   *
   * @throws DeviceException if the file can't be written
   */
  void flush();

  /**
   * Returns the state of the tiers.
   *
   * @return a snapshot; {@code CLOSED} after {@link #close}
   */
  Health health();

  /**
   * Returns the memory of the store, with the sums over its open caches.
   *
   * @return bytes by tag
   * @throws IllegalStateException if the store is closed
   */
  MemoryUsage memoryUsage();

  /**
   * Returns the counters of the open caches and of those closed since the store was opened.
   *
   * @return the sums, and the counters of the file
   * @throws IllegalStateException if the store is closed
   */
  TierStats tierStats();

  /**
   * Returns the counters of each open cache. In the part of the file, {@code hits}, {@code misses},
   * {@code records} and {@code liveBytes} are those of the cache, the others those of the file.
   *
   * @return the counters by name
   * @throws IllegalStateException if the store is closed
   */
  Map<String, TierStats> tierStatsByCache();

  /**
   * Closes all caches of the store, and then the store. Waits for operations under way, as {@link
   * Carafe#close} does. Later calls do nothing.
   *
   * @throws IllegalStateException if the caller is inside an operation of one of its caches
   */
  @Override
  void close();

  /** Builds a store. Not thread-safe. Each setting can be given once. */
  final class Builder {
    private @Nullable Long memoryBytes;
    private @Nullable Long indexBytes;
    private @Nullable FileOptions file;
    private @Nullable Executor executor;
    private @Nullable Duration persistWithin;
    private @Nullable Long writeBudget;
    private @Nullable Ticker ticker;

    private Builder() {}

    /**
     * Bounds the memory of keys and values of all caches together. Required.
     *
     * @param bytes at least {@link CarafeBuilder#MIN_MEMORY_BYTES}
     * @return this builder
     * @throws IllegalArgumentException if bytes is too small
     */
    public Builder memory(long bytes) {
      long checked = Checks.requireAtLeast("memory", bytes, CarafeBuilder.MIN_MEMORY_BYTES);
      this.memoryBytes = Checks.once("memory", memoryBytes, checked);
      return this;
    }

    /**
     * Bounds the memory of the indexes of all caches together, as {@link CarafeBuilder#indexMemory}
     * does for one.
     *
     * @param bytes at least {@link CarafeBuilder#MIN_INDEX_BYTES}
     * @return this builder
     * @throws IllegalArgumentException if bytes is too small
     */
    public Builder indexMemory(long bytes) {
      long checked = Checks.requireAtLeast("indexMemory", bytes, CarafeBuilder.MIN_INDEX_BYTES);
      this.indexBytes = Checks.once("indexMemory", indexBytes, checked);
      return this;
    }

    /**
     * Adds a file for the values of all caches, with the default options.
     *
     * @param path of the file
     * @param bytes the capacity of the file
     * @return this builder
     */
    public Builder file(Path path, long bytes) {
      return file(FileOptions.at(path, bytes));
    }

    /**
     * Adds a file for the values of all caches.
     *
     * @param options of the file
     * @return this builder
     */
    public Builder file(FileOptions options) {
      this.file = Checks.once("file", file, Objects.requireNonNull(options, "options"));
      return this;
    }

    /**
     * Sets the executor of the caches that set none of their own.
     *
     * @param executor the common pool by default
     * @return this builder
     */
    public Builder executor(Executor executor) {
      this.executor =
          Checks.once("executor", this.executor, Objects.requireNonNull(executor, "executor"));
      return this;
    }

    /**
     * Bounds how long a change is in memory only, as {@link CarafeBuilder#persistWithin(Duration)}
     * does for one cache.
     *
     * @param bound 10 seconds by default
     * @return this builder
     * @throws IllegalArgumentException if the bound is not positive
     */
    public Builder persistWithin(Duration bound) {
      Duration checked = Checks.requirePositive("bound", bound);
      this.persistWithin = Checks.once("persistWithin", persistWithin, checked);
      return this;
    }

    /**
     * Bounds how long a change is in memory only.
     *
     * @param bound as {@link #persistWithin(Duration)}
     * @param unit the unit of bound
     * @return this builder
     * @throws IllegalArgumentException if bound is not positive
     */
    public Builder persistWithin(long bound, TimeUnit unit) {
      return persistWithin(Checks.duration("bound", bound, unit));
    }

    /**
     * Limits the bytes that the file gets, as {@link CarafeBuilder#writeBudget} does for one cache.
     *
     * @param bytesPerDay at least 1; no limit by default
     * @return this builder
     * @throws IllegalArgumentException if the budget is not positive
     */
    public Builder writeBudget(long bytesPerDay) {
      long checked = Checks.requireAtLeast("writeBudget", bytesPerDay, 1);
      this.writeBudget = Checks.once("writeBudget", writeBudget, checked);
      return this;
    }

    /**
     * Sets the clock of expiry and refresh, for tests.
     *
     * @param ticker nanoseconds, from any origin
     * @return this builder
     */
    public Builder ticker(Ticker ticker) {
      this.ticker = Checks.once("ticker", this.ticker, Objects.requireNonNull(ticker, "ticker"));
      return this;
    }

    /**
     * Opens the store. A file is created if it does not exist.
     *
     * @return an open store
     * @throws IllegalStateException if memory is not set, or a write budget without a file
     * @throws CarafeException if the file can't be opened
     */
    public CarafeStore build() {
      if (writeBudget != null && file == null) {
        throw new IllegalStateException(
            "writeBudget is " + writeBudget + " but the store has no file: add file(path, bytes)");
      }
      StoreSpec spec =
          new StoreSpec(
              new MemoryLimits(
                  Checks.needed(memoryBytes, "memory(bytes)"),
                  indexBytes == null ? MemoryLimits.NO_LIMIT : indexBytes,
                  MemoryLimits.NO_LIMIT),
              file,
              persistWithin == null ? Timing.DEFAULT_PERSIST_WITHIN : persistWithin,
              ticker == null ? Ticker.systemTicker() : ticker,
              writeBudget == null ? null : new WriteBudget(writeBudget, persistWithin == null));
      return new EngineStore(
          CarafeEngine.find().openStore(spec),
          executor == null ? ForkJoinPool.commonPool() : executor);
    }
  }
}
