package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.carafe.cache.Expiration.Kind;
import dev.carafe.tier.Entry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How old values are, for refreshing. Where all entries live equally long, the end of an entry
 * tells when it was written; else that is noted beside it, as long as it is in memory.
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

  /** How old a value may be before a read refreshes it. */
  long refreshNanos() {
    return refreshNanos;
  }

  void refreshNanos(long nanos) {
    refreshNanos = nanos;
  }

  /** An entry was written, or came back from the file. */
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
