package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;

/**
 * An expiry that reads do not change. So a read needs neither the value nor the expiry, and the
 * engine can answer it without its index.
 *
 * @param times calculates the times; its {@code expireAfterRead} is not called
 */
public record WriteExpiry(Expiry<Object, Object> times) implements Expiry<Object, Object> {
  private static final Class<?> CREATING =
      Expiry.creating((key, value) -> Duration.ZERO).getClass();
  private static final Class<?> WRITING = Expiry.writing((key, value) -> Duration.ZERO).getClass();

  /**
   * Returns an expiry as one that reads do not change, if it was created by {@link Expiry#creating}
   * or {@link Expiry#writing}.
   *
   * @param expiry any expiry
   * @return the same times
   */
  public static Expiry<Object, Object> orSame(Expiry<Object, Object> expiry) {
    return expiry.getClass() == CREATING || expiry.getClass() == WRITING
        ? new WriteExpiry(expiry)
        : expiry;
  }

  /**
   * Returns an expiry as one that reads do not change.
   *
   * @param expiry an expiry whose {@code expireAfterRead} returns the current duration
   * @param <K> keys
   * @param <V> values
   * @return the same times
   */
  @SuppressWarnings("unchecked") // it gets the keys and the values of the cache
  public static <K, V> Expiry<K, V> of(Expiry<K, V> expiry) {
    return (Expiry<K, V>) (Expiry<?, ?>) new WriteExpiry((Expiry<Object, Object>) expiry);
  }

  @Override
  public long expireAfterCreate(Object key, Object value, long currentTime) {
    return times.expireAfterCreate(key, value, currentTime);
  }

  @Override
  public long expireAfterUpdate(Object key, Object value, long currentTime, long currentDuration) {
    return times.expireAfterUpdate(key, value, currentTime, currentDuration);
  }

  @Override
  public long expireAfterRead(Object key, Object value, long currentTime, long currentDuration) {
    return currentDuration;
  }
}
