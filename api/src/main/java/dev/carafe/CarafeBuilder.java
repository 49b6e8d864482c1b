package dev.carafe;

import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.spi.CarafeEngine;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.FixedExpiry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.ServiceLoader;
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
  private boolean recordStats;

  CarafeBuilder() {}

  /**
   * How keys are named in the file.
   *
   * @param codec gives equal bytes for equal keys, at most 65,535 of them
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
   * @param bytes at least {@value #MIN_MEMORY_BYTES}; taken in whole pages of 4 KiB
   * @return this builder
   * @throws IllegalArgumentException if it is less
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
   * Entries expire a fixed time after they were created or last replaced, in both tiers and over
   * restarts.
   *
   * @param duration how long an entry lives
   * @return this builder
   * @throws IllegalArgumentException if the duration is negative
   * @throws IllegalStateException if an expiry was set before
   */
  public CarafeBuilder<K, V> expireAfterWrite(Duration duration) {
    requireDuration(duration);
    return expiry("expireAfterWrite", new FixedExpiry(duration, false));
  }

  /**
   * Entries expire a fixed time after they were created, last replaced, or last read from memory. A
   * record in the file keeps the time it had when it was written.
   *
   * @param duration how long an entry lives unread
   * @return this builder
   * @throws IllegalArgumentException if the duration is negative
   * @throws IllegalStateException if an expiry was set before
   */
  public CarafeBuilder<K, V> expireAfterAccess(Duration duration) {
    requireDuration(duration);
    return expiry("expireAfterAccess", new FixedExpiry(duration, true));
  }

  /**
   * Each entry has its own time to live.
   *
   * @param expiry says how long; called on creation, replacement and reads, as Caffeine does
   * @return this builder
   * @throws IllegalStateException if an expiry was set before
   */
  @SuppressWarnings("unchecked")
  public CarafeBuilder<K, V> expireAfter(Expiry<? super K, ? super V> expiry) {
    return expiry("expireAfter", (Expiry<Object, Object>) Objects.requireNonNull(expiry, "expiry"));
  }

  /**
   * The clock of expiry; for tests.
   *
   * @param ticker nanoseconds, from any origin
   * @return this builder
   */
  public CarafeBuilder<K, V> ticker(Ticker ticker) {
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    return this;
  }

  /**
   * Keeps Caffeine's statistics, read by {@link Carafe#stats()}. {@link Carafe#tierStats()} is kept
   * always.
   *
   * @return this builder
   */
  public CarafeBuilder<K, V> recordStats() {
    this.recordStats = true;
    return this;
  }

  /**
   * Opens the cache.
   *
   * @return an open cache, to be closed
   * @throws IllegalStateException if a codec or the memory is missing, or no engine is on the class
   *     path
   * @throws CarafeException if the file can't be opened, is in use, or is not this cache's
   */
  public Carafe<K, V> build() {
    return engine().open(spec());
  }

  /**
   * Opens a cache that loads what it misses.
   *
   * @param loader loads what is missing
   * @param <K1> the key type
   * @param <V1> the value type
   * @return an open cache, to be closed
   * @throws IllegalStateException if a codec or the memory is missing, or no engine is on the class
   *     path
   * @throws CarafeException if the file can't be opened, is in use, or is not this cache's
   */
  public <K1 extends K, V1 extends V> LoadingCarafe<K1, V1> build(
      CacheLoader<? super K1, V1> loader) {
    Objects.requireNonNull(loader, "loader");
    CarafeBuilder<K1, V1> self = narrowed();
    return engine().open(self.spec(), loader);
  }

  private CarafeBuilder<K, V> expiry(String name, Expiry<Object, Object> chosen) {
    if (expiryName != null) {
      throw new IllegalStateException(name + " can't be set: " + expiryName + " was set before");
    }
    this.expiry = chosen;
    this.expiryName = name;
    return this;
  }

  private static void requireDuration(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("duration is " + duration + " but must not be negative");
    }
  }

  @SuppressWarnings("unchecked")
  private CarafeSpec<K, V> spec() {
    return new CarafeSpec<>(
        (Codec<K>) needed(keyCodec, "keyCodec(…)"),
        (Codec<V>) needed(valueCodec, "valueCodec(…)"),
        memoryBytes == 0 ? needed(null, "memory(bytes)") : memoryBytes,
        file,
        expiry,
        ticker == null ? Ticker.systemTicker() : ticker,
        recordStats);
  }

  private static <T> T needed(@Nullable T value, String call) {
    if (value == null) {
      throw new IllegalStateException("a cache needs " + call);
    }
    return value;
  }

  private static CarafeEngine engine() {
    return ServiceLoader.load(CarafeEngine.class, CarafeBuilder.class.getClassLoader())
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "no engine on the class path: add the artifact dev.carafe:carafe-engine"));
  }

  @SuppressWarnings("unchecked")
  private <K1 extends K, V1 extends V> CarafeBuilder<K1, V1> narrowed() {
    return (CarafeBuilder<K1, V1>) this;
  }
}
