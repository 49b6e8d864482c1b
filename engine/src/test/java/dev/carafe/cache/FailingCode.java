package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.RemovalListener;
import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.Hooks;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.Timing;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Application code for a cache, one part of which throws on request. */
final class FailingCode {
  /** A part of the application code. */
  enum Place {
    KEY_ENCODE,
    KEY_DECODE,
    VALUE_ENCODE,
    VALUE_DECODE,
    EXPIRY,
    REMOVAL_LISTENER,
    EVICTION_LISTENER,
    EXECUTOR,
    TICKER,
    STATS
  }

  private final Supplier<Throwable> fault;
  private final Map<Place, AtomicLong> calls = new EnumMap<>(Place.class);
  private volatile @Nullable Place failing;
  private volatile long failFrom;
  private volatile long failUntil;

  FailingCode(Supplier<Throwable> fault) {
    this.fault = fault;
    for (Place place : Place.values()) {
      calls.put(place, new AtomicLong());
    }
  }

  /** Makes a part throw from the given call on, once or until {@link #heal}. */
  void fail(Place place, int inCalls, boolean forGood) {
    failFrom = calls(place) + inCalls;
    failUntil = forGood ? Long.MAX_VALUE : failFrom + 1;
    failing = place;
  }

  void heal() {
    failing = null;
  }

  long calls(Place place) {
    return counter(place).get();
  }

  private AtomicLong counter(Place place) {
    return requireNonNull(calls.get(place));
  }

  private void called(Place place) {
    long call = counter(place).incrementAndGet();
    if (failing == place && call >= failFrom && call < failUntil) {
      sneak(fault.get());
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneak(Throwable t) throws T {
    throw (T) t;
  }

  CarafeSpec<Long, byte[]> spec(@Nullable FileOptions file) {
    Codec<Long> keys =
        Codec.of(
            key -> {
              called(Place.KEY_ENCODE);
              return ByteBuffer.allocate(Long.BYTES).putLong(key).array();
            },
            bytes -> {
              called(Place.KEY_DECODE);
              return ByteBuffer.wrap(bytes).getLong();
            });
    Codec<byte[]> values =
        Codec.of(
            value -> {
              called(Place.VALUE_ENCODE);
              return value;
            },
            bytes -> {
              called(Place.VALUE_DECODE);
              return bytes;
            });
    return new CarafeSpec<>(
        keys, values, MemoryLimits.of(64 << 10), file, timing(), hooks(), () -> new Stats());
  }

  private Timing timing() {
    Ticker ticker =
        () -> {
          called(Place.TICKER);
          return System.nanoTime();
        };
    return new Timing(new Hour(), null, ticker, null, Duration.ofMillis(30));
  }

  private Hooks<Long, byte[]> hooks() {
    RemovalListener<Long, byte[]> removal = (key, value, cause) -> called(Place.REMOVAL_LISTENER);
    RemovalListener<Long, byte[]> eviction = (key, value, cause) -> called(Place.EVICTION_LISTENER);
    return new Hooks<>(
        removal,
        eviction,
        task -> {
          called(Place.EXECUTOR);
          task.run();
        });
  }

  /** The application's expiry. */
  private final class Hour implements Expiry<Object, Object> {
    private long hour() {
      called(Place.EXPIRY);
      return Duration.ofHours(1).toNanos();
    }

    @Override
    public long expireAfterCreate(Object key, Object value, long now) {
      return hour();
    }

    @Override
    public long expireAfterUpdate(Object key, Object value, long now, long left) {
      return hour();
    }

    @Override
    public long expireAfterRead(Object key, Object value, long now, long left) {
      return hour();
    }
  }

  private final class Stats implements StatsCounter {
    @Override
    public void recordHits(int count) {
      called(Place.STATS);
    }

    @Override
    public void recordMisses(int count) {
      called(Place.STATS);
    }

    @Override
    public void recordLoadSuccess(long nanos) {
      called(Place.STATS);
    }

    @Override
    public void recordLoadFailure(long nanos) {
      called(Place.STATS);
    }

    @Override
    public void recordEviction(int weight, RemovalCause cause) {
      called(Place.STATS);
    }

    @Override
    public CacheStats snapshot() {
      return CacheStats.empty();
    }
  }
}
