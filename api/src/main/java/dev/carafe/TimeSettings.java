package dev.carafe;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.spi.FixedExpiry;
import dev.carafe.spi.Timing;
import dev.carafe.spi.WriteBudget;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a builder that concern time.
 *
 * @param <B> the builder
 */
abstract sealed class TimeSettings<B> permits MemorySettings {
  private @Nullable Expiry<Object, Object> expiry;
  private String expiryName = "";
  private @Nullable Duration refreshAfterWrite;
  private @Nullable Duration persistWithin;
  private @Nullable Long writeBudget;
  private @Nullable Ticker ticker;
  private @Nullable Scheduler scheduler;

  /** The builder. */
  abstract B self();

  /** Whether the builder is one of a cache of a store. */
  abstract boolean isOfStore();

  /**
   * Refuses a setting that the caches of a store share.
   *
   * @throws IllegalStateException if the builder is one of a cache of a store
   */
  final void requireOwn(String setting) {
    if (isOfStore()) {
      throw new IllegalStateException(
          setting + " belongs to the store of this cache: set it on CarafeStore.newBuilder()");
    }
  }

  /**
   * Bounds how long a change is in memory only. A put, a load or a removal is in the file at most
   * this long after it returned, and survives {@code kill -9} from then on, whether or not other
   * operations follow (contract D6). A value that is overwritten sooner is not written. {@link
   * FileOptions#persist} selects the values that this applies to. With a {@link
   * CarafeBuilder#writeBudget}, the values that are refused are excepted unless this bound is set.
   * Only {@link Carafe#flush} protects from a power cut.
   *
   * @param bound 10 seconds by default; a very long bound writes values only when memory evicts
   *     them or the cache is flushed or closed
   * @return this builder
   * @throws IllegalArgumentException if the bound is not positive
   */
  public final B persistWithin(Duration bound) {
    requireOwn("persistWithin");
    Duration checked = Checks.requirePositive("bound", bound);
    this.persistWithin = Checks.once("persistWithin", persistWithin, checked);
    return self();
  }

  /**
   * Bounds how long a change is in memory only.
   *
   * @param bound as {@link #persistWithin(Duration)}
   * @param unit the unit of bound
   * @return this builder
   * @throws IllegalArgumentException if bound is not positive
   */
  public final B persistWithin(long bound, TimeUnit unit) {
    return persistWithin(Checks.duration("bound", bound, unit));
  }

  /**
   * Limits the bytes that the file gets, to spare the device. Each hour, the file gets at most the
   * 24th part of the budget and 5 % more. When that is used up, a loaded value is in memory only,
   * and a value that memory evicts is dropped and counted ({@link
   * TierStats.FileTier#refusedBudget}).
   *
   * <p>All bytes count: values, removals, copies of live records that reclaiming makes, and the
   * index checkpoint. Some are written even if the budget is used up, and fewer others follow:
   * removals, {@code flush}, {@code close}, reclaiming, and the values that {@link
   * #persistWithin(Duration)} must save. Without that setting, a value is not saved while the
   * budget is used up.
   *
   * @param bytesPerDay at least 1; no limit by default
   * @return this builder
   * @throws IllegalArgumentException if the budget is not positive
   */
  public final B writeBudget(long bytesPerDay) {
    requireOwn("writeBudget");
    long checked = Checks.requireAtLeast("writeBudget", bytesPerDay, 1);
    this.writeBudget = Checks.once("writeBudget", writeBudget, checked);
    return self();
  }

  /** Returns the write budget, null for none. */
  final @Nullable WriteBudget budget() {
    return writeBudget == null ? null : new WriteBudget(writeBudget, persistWithin == null);
  }

  /**
   * Expires an entry a fixed time after it was created or last replaced, in both tiers and across
   * restarts. The wall clock's corrections are followed (contract R6).
   *
   * @param duration how long an entry lives
   * @return this builder
   * @throws IllegalArgumentException if the duration is negative
   * @throws IllegalStateException if an expiry was set already
   */
  public final B expireAfterWrite(Duration duration) {
    return setExpiry("expireAfterWrite", new FixedExpiry(duration, false));
  }

  /**
   * Expires an entry a fixed time after it was created or last replaced.
   *
   * @param duration as {@link #expireAfterWrite(Duration)}
   * @param unit the unit of duration
   * @return this builder
   * @throws IllegalArgumentException if duration is negative
   */
  public final B expireAfterWrite(long duration, TimeUnit unit) {
    return expireAfterWrite(Checks.duration("duration", duration, unit));
  }

  /**
   * Expires an entry a fixed time after it was created, last replaced, or last read. A value that
   * was read is written to the file again when memory evicts it, since its time of expiry has
   * changed. A value larger than the memory tier keeps the time of its writing.
   *
   * @param duration how long an entry lives without a read
   * @return this builder
   * @throws IllegalArgumentException if the duration is negative
   * @throws IllegalStateException if an expiry was set already
   */
  public final B expireAfterAccess(Duration duration) {
    return setExpiry("expireAfterAccess", new FixedExpiry(duration, true));
  }

  /**
   * Expires an entry a fixed time after it was created, last replaced, or last read.
   *
   * @param duration as {@link #expireAfterAccess(Duration)}
   * @param unit the unit of duration
   * @return this builder
   * @throws IllegalArgumentException if duration is negative
   */
  public final B expireAfterAccess(long duration, TimeUnit unit) {
    return expireAfterAccess(Checks.duration("duration", duration, unit));
  }

  /**
   * Reloads an entry older than this when it is read. The read returns the old value at once, and
   * the loader's {@code asyncReload} runs on the {@link CarafeBuilder#executor}. Requires a loader.
   *
   * <p>With {@link #expireAfterWrite} or without an expiry, the age of a value survives eviction to
   * the file and a restart, since its record has the time. With {@link #expireAfterAccess} or
   * {@link CarafeBuilder#expireAfter}, a value that is read back from the file counts as written at
   * that time.
   *
   * @param duration how old a value may be before a read refreshes it
   * @return this builder
   * @throws IllegalArgumentException if the duration is not positive
   */
  public final B refreshAfterWrite(Duration duration) {
    Duration checked = Checks.requirePositive("duration", duration);
    this.refreshAfterWrite = Checks.once("refreshAfterWrite", refreshAfterWrite, checked);
    return self();
  }

  /**
   * Reloads an entry older than this when it is read.
   *
   * @param duration as {@link #refreshAfterWrite(Duration)}
   * @param unit the unit of duration
   * @return this builder
   * @throws IllegalArgumentException if duration is not positive
   */
  public final B refreshAfterWrite(long duration, TimeUnit unit) {
    return refreshAfterWrite(Checks.duration("duration", duration, unit));
  }

  /**
   * Sets a scheduler that removes expired entries promptly: from memory when they expire, from the
   * file within a minute after the last record of an extent has expired. Without a scheduler,
   * expired entries are removed by later operations. They are never returned.
   *
   * @param scheduler such as {@link Scheduler#systemScheduler()}
   * @return this builder
   */
  public final B scheduler(Scheduler scheduler) {
    this.scheduler =
        Checks.once("scheduler", this.scheduler, Objects.requireNonNull(scheduler, "scheduler"));
    return self();
  }

  /**
   * Sets the clock of expiry and refresh, for tests.
   *
   * @param ticker nanoseconds, from any origin
   * @return this builder
   */
  public final B ticker(Ticker ticker) {
    requireOwn("ticker");
    this.ticker = Checks.once("ticker", this.ticker, Objects.requireNonNull(ticker, "ticker"));
    return self();
  }

  final B setExpiry(String name, Expiry<Object, Object> chosen) {
    this.expiry = Checks.once(name, expiryName, expiry, chosen);
    this.expiryName = name;
    return self();
  }

  final void requireNoRefresh() {
    if (refreshAfterWrite != null) {
      throw new IllegalStateException("refreshAfterWrite needs a loader: use build(loader)");
    }
  }

  final Timing timing() {
    return new Timing(
        expiry,
        refreshAfterWrite,
        ticker == null ? Ticker.systemTicker() : ticker,
        scheduler,
        persistWithin == null ? Timing.DEFAULT_PERSIST_WITHIN : persistWithin);
  }
}
