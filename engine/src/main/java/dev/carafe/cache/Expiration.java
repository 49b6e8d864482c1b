package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.base.ErrorLog;
import dev.carafe.spi.FixedExpiry;
import dev.carafe.spi.Timing;
import dev.carafe.tier.Entry;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * When entries expire, as absolute time, which survives a restart (contract R6).
 *
 * <p>The application's {@link Expiry} speaks of durations on the ticker's clock. {@link
 * MonotonicClock} ties it to the wall clock, and follows that when it is set.
 *
 * <p>A cache that refreshes and does not expire gives its entries a life that never ends in
 * practice: so their records tell when they were written.
 *
 * <p>Proved by {@code ExpiryTest} and {@code PoliciesTest}.
 */
final class Expiration<K, V> {
  static final long NEVER = Long.MAX_VALUE;

  /** 73 years. */
  private static final long ENDLESS_NANOS = 1L << 61;

  /** From here on a life is endless: 36 years. */
  private static final long FAR_NANOS = 1L << 60;

  /** What tells the end of an entry. */
  enum Kind {
    /** Entries do not expire. */
    NONE,
    /** They do not, but their end tells their age. */
    AGE_ONLY,
    /** A fixed time after the last write. */
    AFTER_WRITE,
    /** A fixed time after the last write or read. */
    AFTER_ACCESS,
    /** The application's expiry. */
    VARIABLE
  }

  private final Kind kind;
  private final @Nullable Expiry<? super K, ? super V> custom;
  private final Timing timing;
  private final MonotonicClock timeline;
  private volatile long fixedNanos;

  Expiration(Timing timing, SystemClocks clocks) {
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
    this.timeline = new MonotonicClock(timing.ticker(), clocks);
  }

  Kind kind() {
    return kind;
  }

  /** Whether the index must know ends. */
  boolean isOn() {
    return kind != Kind.NONE;
  }

  /** Whether the index can keep an entry with this end. */
  boolean canExpireAt(long expiresAtNanos) {
    return isOn() || expiresAtNanos == NEVER || remainingNanos(expiresAtNanos) > FAR_NANOS;
  }

  Timing timing() {
    return timing;
  }

  /** How long an entry lives, where all live equally long. */
  long fixedNanos() {
    return fixedNanos;
  }

  /** From now on entries that are written, or read, live that long. */
  void fixedNanos(long nanos) {
    fixedNanos = nanos;
  }

  MonotonicClock timeline() {
    return timeline;
  }

  /** Nanoseconds since the epoch, by a clock that never steps. */
  long nowNanos() {
    return timeline.nowNanos();
  }

  /** The same, for the file's own thread, which a ticker that throws must not stop. */
  long nowNanos(ErrorLog errors) {
    try {
      return nowNanos();
    } catch (Throwable t) {
      errors.report("the ticker threw, and the system's clock is asked instead", t);
      return SystemClocks.ofSystem().wallNanos();
    }
  }

  boolean isExpired(long expiresAtNanos) {
    return expiresAtNanos != NEVER && expiresAtNanos <= nowNanos();
  }

  /**
   * When a value ends that is written now.
   *
   * @param value looked at only by an expiry of the application's own
   * @param replaced when the value ends that it replaces, or null if it replaces none
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

  /** A value came back from the file because it was read: that may move its end. */
  void onPromote(K key, Entry entry, Function<Entry, @Nullable V> decoder) {
    if (kind == Kind.AFTER_ACCESS || kind == Kind.VARIABLE) {
      long before = remainingNanos(entry.expiresAtNanos());
      updateExpiration(entry, before, ofRead(key, entry, before, decoder));
    }
  }

  /** What Caffeine is told: the entry knows its end. */
  Expiry<K, Entry> entryExpiry(Function<Entry, @Nullable V> decoder) {
    return new Expiry<>() {
      @Override
      public long expireAfterCreate(K key, Entry entry, long currentTime) {
        return remainingNanos(entry.expiresAtNanos());
      }

      @Override
      public long expireAfterUpdate(K key, Entry entry, long currentTime, long currentDuration) {
        return remainingNanos(entry.expiresAtNanos());
      }

      @Override
      public long expireAfterRead(K key, Entry entry, long currentTime, long currentDuration) {
        long changed = ofRead(key, entry, currentDuration, decoder);
        updateExpiration(entry, currentDuration, changed);
        return changed;
      }
    };
  }

  private void updateExpiration(Entry entry, long before, long changed) {
    if (changed != before) {
      entry.expireAt(expirationAfter(changed));
    }
  }

  private long ofRead(
      K key, Entry entry, long currentDuration, Function<Entry, @Nullable V> decoder) {
    Expiry<? super K, ? super V> chosen = custom;
    if (kind != Kind.VARIABLE || chosen == null) {
      return kind == Kind.AFTER_ACCESS ? fixedNanos : currentDuration;
    }
    V value = decoder.apply(entry);
    return value == null
        ? currentDuration
        : chosen.expireAfterRead(key, value, timing.ticker().read(), currentDuration);
  }

  /** How long until an end. */
  long remainingNanos(long expiresAtNanos) {
    return expiresAtNanos == NEVER ? NEVER : saturatedAdd(expiresAtNanos, -nowNanos());
  }

  /** The end of a life of that long, from now. */
  long expirationAfter(long durationNanos) {
    return durationNanos == NEVER ? NEVER : saturatedAdd(nowNanos(), Math.max(0, durationNanos));
  }

  /** As far as 292 years go, before the epoch and after. */
  private static long saturatedAdd(long a, long b) {
    long sum = a + b;
    boolean overflows = ((a ^ sum) & (b ^ sum)) < 0;
    return overflows ? (a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }

  /** How long ago something was written that ends then, as far as its end tells. */
  long ageNanos(long expiresAtNanos) {
    return expiresAtNanos == NEVER ? 0 : Math.max(0, fixedNanos - remainingNanos(expiresAtNanos));
  }
}
