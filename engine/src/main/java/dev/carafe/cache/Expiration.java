package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.spi.FixedExpiry;
import dev.carafe.tier.Entry;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * When entries expire, as absolute time, which survives a restart (contract R6).
 *
 * <p>The application's {@link Expiry} speaks of durations on the ticker's clock. The ticker is tied
 * to the wall clock once, when the cache is opened.
 */
final class Expiration<K, V> {
  static final long NEVER = Long.MAX_VALUE;

  private final @Nullable Expiry<? super K, ? super V> expiry;
  private final Ticker ticker;
  private final long epochMinusTickerNanos;

  Expiration(@Nullable Expiry<? super K, ? super V> expiry, Ticker ticker) {
    this.expiry = expiry;
    this.ticker = ticker;
    Instant now = Instant.now();
    long wallNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    this.epochMinusTickerNanos = wallNanos - ticker.read();
  }

  boolean isOn() {
    return expiry != null;
  }

  /** Nanoseconds since the epoch, by the ticker. */
  long nowNanos() {
    return ticker.read() + epochMinusTickerNanos;
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
    Expiry<? super K, ? super V> chosen = expiry;
    if (chosen == null) {
      return NEVER;
    }
    if (chosen instanceof FixedExpiry fixed) {
      return after(fixed.nanos());
    }
    long now = ticker.read();
    return after(
        replaced == null
            ? chosen.expireAfterCreate(key, value.get(), now)
            : chosen.expireAfterUpdate(key, value.get(), now, left(replaced)));
  }

  /** What Caffeine is told: the entry knows its end. */
  Expiry<K, Entry> ofEntries(Function<Entry, @Nullable V> decoder) {
    return new Expiry<>() {
      @Override
      public long expireAfterCreate(K key, Entry entry, long currentTime) {
        return left(entry.expiresAtNanos());
      }

      @Override
      public long expireAfterUpdate(K key, Entry entry, long currentTime, long currentDuration) {
        return left(entry.expiresAtNanos());
      }

      @Override
      public long expireAfterRead(K key, Entry entry, long currentTime, long currentDuration) {
        long changed = ofRead(key, entry, currentDuration, decoder);
        if (changed != currentDuration) {
          entry.expireAt(after(changed));
        }
        return changed;
      }
    };
  }

  private long ofRead(
      K key, Entry entry, long currentDuration, Function<Entry, @Nullable V> decoder) {
    Expiry<? super K, ? super V> chosen = expiry;
    if (chosen == null) {
      return currentDuration;
    }
    if (chosen instanceof FixedExpiry fixed) {
      return fixed.renewedByReads() ? fixed.nanos() : currentDuration;
    }
    V value = decoder.apply(entry);
    return value == null
        ? currentDuration
        : chosen.expireAfterRead(key, value, ticker.read(), currentDuration);
  }

  private long left(long expiresAtNanos) {
    return expiresAtNanos == NEVER ? Long.MAX_VALUE : expiresAtNanos - nowNanos();
  }

  private long after(long durationNanos) {
    long now = nowNanos();
    return durationNanos >= NEVER - now ? NEVER : now + Math.max(0, durationNanos);
  }
}
