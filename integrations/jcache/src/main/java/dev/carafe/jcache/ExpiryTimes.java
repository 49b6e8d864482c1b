package dev.carafe.jcache;

import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import javax.cache.expiry.Duration;
import javax.cache.expiry.ExpiryPolicy;
import org.jspecify.annotations.Nullable;

/** JSR-107's expiry policy in nanoseconds. An exception of the policy changes no expiry time. */
record ExpiryTimes(ExpiryPolicy policy) {
  private static final System.Logger LOG = System.getLogger("dev.carafe.jcache");

  long ofCreation() {
    return nanos(asked(policy::getExpiryForCreation), Long.MAX_VALUE);
  }

  long ofUpdate() {
    return nanos(asked(policy::getExpiryForUpdate), Held.UNCHANGED);
  }

  long ofAccess() {
    return nanos(asked(policy::getExpiryForAccess), Held.UNCHANGED);
  }

  private static @Nullable Duration asked(Supplier<@Nullable Duration> policy) {
    try {
      return policy.get();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "an expiry policy threw", e);
      return null;
    }
  }

  private static long nanos(@Nullable Duration duration, long ifNone) {
    if (duration == null) {
      return ifNone;
    }
    return duration.isEternal()
        ? Long.MAX_VALUE
        : duration.getTimeUnit().toNanos(duration.getDurationAmount());
  }
}
