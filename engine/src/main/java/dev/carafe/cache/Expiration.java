package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.spi.FixedExpiry;
import dev.carafe.spi.Timing;
import dev.carafe.spi.WriteExpiry;
import dev.carafe.tier.Entry;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The expiration times of entries. They are absolute times, so that they survive a restart
 * (contract R6).
 *
 * <p>The application's {@link Expiry} uses durations on the ticker's clock. {@link MonotonicClock}
 * relates this clock to the wall clock, and tracks steps of the wall clock.
 *
 * <p>A cache with refresh but without expiry gives its entries a lifetime of 73 years, so that
 * their records hold the time of the write.
 *
 * <p>Proved by {@code ExpiryTest} and {@code PoliciesTest}.
 */
final class Expiration<K, V> {
  static final long NEVER = Long.MAX_VALUE;

  /** The lifetime of entries of a cache with refresh but without expiry: 73 years. */
  private static final long ENDLESS_NANOS = 1L << 61;

  /** A longer remaining lifetime counts as endless: 36 years. */
  private static final long ENDLESS_THRESHOLD_NANOS = 1L << 60;

  /** The rule that sets the expiration time of an entry. */
  enum Kind {
    /** Entries do not expire. */
    NONE,
    /** Entries do not expire, but their expiration time encodes the time of the write. */
    AGE_ONLY,
    /** A fixed time after the last write. */
    AFTER_WRITE,
    /** A fixed time after the last write or read. */
    AFTER_ACCESS,
    /** The application's {@link Expiry}. */
    VARIABLE
  }

  private final Kind kind;
  private final @Nullable Expiry<? super K, ? super V> custom;
  private final Timing timing;
  private final MonotonicClock clock;

  /** Whether a read changes the expiration time of an entry. */
  private final boolean changesOnRead;

  private volatile long fixedNanos;

  Expiration(Timing timing, MonotonicClock clock) {
    this.timing = timing;
    this.custom = timing.expiry();
    if (custom instanceof FixedExpiry fixed) {
      this.kind = fixed.renewedByReads() ? Kind.AFTER_ACCESS : Kind.AFTER_WRITE;
      this.fixedNanos = fixed.nanos();
    } else if (custom != null) {
      this.kind = Kind.VARIABLE;
    } else {
      this.kind = timing.refreshAfterWrite() == null ? Kind.NONE : Kind.AGE_ONLY;
      this.fixedNanos = ENDLESS_NANOS;
    }
    this.changesOnRead =
        kind == Kind.AFTER_ACCESS || (kind == Kind.VARIABLE && !(custom instanceof WriteExpiry));
    this.clock = clock;
  }

  Kind kind() {
    return kind;
  }

  /** Returns whether the index needs expiration times. */
  boolean isOn() {
    return kind != Kind.NONE;
  }

  /** Returns whether the index can hold an entry with this expiration time. */
  boolean canExpireAt(long expiresAtNanos) {
    return isOn()
        || expiresAtNanos == NEVER
        || remainingNanos(expiresAtNanos) > ENDLESS_THRESHOLD_NANOS;
  }

  Timing timing() {
    return timing;
  }

  /** Returns the lifetime of entries, where all have the same. */
  long fixedNanos() {
    return fixedNanos;
  }

  /** Sets the lifetime of entries that are written (or read) from now on. */
  void fixedNanos(long nanos) {
    fixedNanos = nanos;
  }

  MonotonicClock clock() {
    return clock;
  }

  /** Returns the nanoseconds since the epoch on a clock that never steps. */
  long nowNanos() {
    return clock.nowNanos();
  }

  boolean isExpired(long expiresAtNanos) {
    return expiresAtNanos != NEVER && expiresAtNanos <= nowNanos();
  }

  /**
   * Returns the expiration time of a value that is written now.
   *
   * @param value called only for the application's own expiry
   * @param replaced the expiration time of the replaced value, or null if there is none
   */
  long ofWrite(K key, Supplier<V> value, @Nullable Long replaced) {
    Expiry<? super K, ? super V> chosen = custom;
    if (kind == Kind.NONE) {
      return NEVER;
    }
    if (kind != Kind.VARIABLE || chosen == null) {
      return expirationAfter(fixedNanos);
    }
    long now = timing.ticker().read();
    return expirationAfter(
        replaced == null
            ? chosen.expireAfterCreate(key, value.get(), now)
            : chosen.expireAfterUpdate(key, value.get(), now, remainingNanos(replaced)));
  }

  /** Returns whether a read changes the expiration time of an entry, or starts a refresh. */
  boolean dependsOnReads() {
    return changesOnRead || timing.refreshAfterWrite() != null;
  }

  /** Applies the expiry after a read to an entry that is promoted from the file. */
  void onPromote(K key, Entry entry, Function<Entry, @Nullable V> decoder) {
    if (changesOnRead) {
      long before = remainingNanos(entry.expiresAtNanos());
      updateExpiration(entry, before, ofRead(key, entry, before, decoder));
    }
  }

  /**
   * Returns the expiry of the index, which takes the expiration times from the entries.
   *
   * @param keyOf returns the key of a probe or an entry
   */
  Expiry<Object, Entry> entryExpiry(
      Function<Object, @Nullable K> keyOf, Function<Entry, @Nullable V> decoder) {
    return new Expiry<>() {
      @Override
      public long expireAfterCreate(Object key, Entry entry, long currentTime) {
        return remainingNanos(entry.expiresAtNanos());
      }

      @Override
      public long expireAfterUpdate(
          Object key, Entry entry, long currentTime, long currentDuration) {
        return remainingNanos(entry.expiresAtNanos());
      }

      @Override
      public long expireAfterRead(
          Object probe, Entry entry, long currentTime, long currentDuration) {
        if (!changesOnRead) {
          return currentDuration;
        }
        K key = kind == Kind.VARIABLE ? keyOf.apply(probe) : null;
        long changed = ofRead(key, entry, currentDuration, decoder);
        updateExpiration(entry, currentDuration, changed);
        return changed;
      }
    };
  }

  private void updateExpiration(Entry entry, long before, long changed) {
    if (changed != before) {
      entry.setExpiresAt(expirationAfter(changed));
    }
  }

  private long ofRead(
      @Nullable K key, Entry entry, long currentDuration, Function<Entry, @Nullable V> decoder) {
    Expiry<? super K, ? super V> chosen = custom;
    if (kind == Kind.AFTER_ACCESS || chosen == null) {
      return fixedNanos;
    }
    V value = decoder.apply(entry);
    return key == null || value == null
        ? currentDuration
        : chosen.expireAfterRead(key, value, timing.ticker().read(), currentDuration);
  }

  /** Returns the time that is left until an expiration time. */
  long remainingNanos(long expiresAtNanos) {
    return expiresAtNanos == NEVER ? NEVER : saturatedAdd(expiresAtNanos, -nowNanos());
  }

  /** Returns the expiration time of a lifetime that begins now. */
  long expirationAfter(long durationNanos) {
    return durationNanos == NEVER ? NEVER : saturatedAdd(nowNanos(), Math.max(0, durationNanos));
  }

  /** Adds, and saturates at 292 years before and after the epoch. */
  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    boolean overflows = ((a ^ sum) & (b ^ sum)) < 0;
    return overflows ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }

  /** Returns the age of a value, computed from its expiration time. */
  long ageNanos(long expiresAtNanos) {
    return expiresAtNanos == NEVER ? 0 : Math.max(0, fixedNanos - remainingNanos(expiresAtNanos));
  }
}
