package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.carafe.cache.Expiration.Kind;
import dev.carafe.tier.Entry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The ages of values, for refreshing. If all entries have the same lifetime, the age is computed
 * from the expiration time. Otherwise the time of the write is stored while the entry is in memory.
 */
final class EntryAges {
  private final Expiration<?, ?> expiration;
  private final @Nullable Cache<Entry, Long> writeTimes;
  private volatile long refreshNanos;

  EntryAges(Expiration<?, ?> expiration) {
    this.expiration = expiration;
    boolean knownByExpiration =
        expiration.kind() == Kind.AFTER_WRITE || expiration.kind() == Kind.AGE_ONLY;
    Duration refresh = expiration.timing().refreshAfterWrite();
    boolean refreshes = refresh != null;
    this.refreshNanos = refresh == null ? Long.MAX_VALUE : saturated(refresh);
    this.writeTimes =
        refreshes && !knownByExpiration ? Caffeine.newBuilder().weakKeys().build() : null;
  }

  private static long saturated(Duration duration) {
    return TimeUnit.NANOSECONDS.convert(duration);
  }

  /** Returns the age from which a read refreshes a value. */
  long refreshNanos() {
    return refreshNanos;
  }

  void refreshNanos(long nanos) {
    refreshNanos = nanos;
  }

  /** Records that an entry was written or promoted from the file. */
  void recordWrite(Entry entry) {
    if (writeTimes != null) {
      writeTimes.put(entry, expiration.nowNanos());
    }
  }

  long nanosOf(Entry entry) {
    if (writeTimes == null) {
      return expiration.ageNanos(entry.expiresAtNanos());
    }
    Long written = writeTimes.getIfPresent(entry);
    return written == null ? 0 : expiration.nowNanos() - written;
  }
}
