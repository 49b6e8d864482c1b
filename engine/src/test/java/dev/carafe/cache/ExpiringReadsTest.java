package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.base.Soak;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Reads from the table of recent reads of caches whose entries expire: a value is found until its
 * expiration time and not after it (contract R6).
 */
@Timeout(120)
@SmallRecentReads
final class ExpiringReadsTest {
  private static final int KEYS = 64;
  private static final long LIFETIME = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong ticks = new AtomicLong(1);

  private CarafeBuilder<Long, Long> builder(long memoryBytes) {
    return Carafe.newBuilder()
        .keyCodec(Codec.int64())
        .valueCodec(Codec.int64())
        .memory(memoryBytes)
        .executor(Runnable::run)
        .ticker(ticks::get);
  }

  /** A read from the table hashes the key once, and a read of the index several times. */
  private static long hashesOfRead(
      Carafe<HashHookKey, Long> cache, HashHookKey key, AtomicLong hashes) {
    long before = hashes.get();
    assertNotNull(cache.getIfPresent(key));
    return hashes.get() - before;
  }

  @Test
  void theTableHasValuesThatExpireAfterTheWrite() {
    AtomicLong hashes = new AtomicLong();
    HashHookKey[] keys = new HashHookKey[KEYS];
    Arrays.setAll(keys, number -> new HashHookKey(number, hashes::incrementAndGet));
    try (Carafe<HashHookKey, Long> cache =
        Carafe.newBuilder()
            .keyCodec(HashHookKey.codec())
            .valueCodec(Codec.int64())
            .memory(1 << 20)
            .executor(Runnable::run)
            .ticker(ticks::get)
            .expireAfterWrite(Duration.ofNanos(LIFETIME))
            .build()) {
      for (HashHookKey key : keys) {
        cache.put(key, 1L);
      }
      for (int round = 0; round < 20; round++) {
        for (HashHookKey key : keys) {
          assertEquals(1L, cache.getIfPresent(key));
        }
      }
      long fromTable = 0;
      for (HashHookKey key : keys) {
        fromTable += hashesOfRead(cache, key, hashes) == 1 ? 1 : 0;
      }
      assertTrue(fromTable > KEYS / 2, "reads from the table: " + fromTable);
      ticks.addAndGet(LIFETIME - 1);
      for (HashHookKey key : keys) {
        assertEquals(1L, cache.getIfPresent(key), "before its expiration");
      }
      ticks.addAndGet(1);
      for (HashHookKey key : keys) {
        assertNull(cache.getIfPresent(key), "after its expiration");
      }
      ticks.addAndGet(LIFETIME); // Caffeine removes expired entries some seconds later
    }
  }

  enum Lifetimes {
    EQUAL(LIFETIME),
    BY_VALUE(LIFETIME),

    /** So short that Caffeine has not removed an expired entry when period numbers repeat. */
    SHORT(TimeUnit.MILLISECONDS.toNanos(300));

    private final long nanos;

    Lifetimes(long nanos) {
      this.nanos = nanos;
    }
  }

  private record Modelled(long value, long expiresAt) {}

  /** Random operations and steps of the clock, over many periods; a map is the model. */
  @ParameterizedTest
  @EnumSource(Lifetimes.class)
  void valuesExpireAsInTheModel(Lifetimes lifetimes) {
    Soak.seeded(random -> valuesExpireAsInTheModel(lifetimes, random));
  }

  private void valuesExpireAsInTheModel(Lifetimes lifetimes, SplittableRandom random) {
    Map<Long, Modelled> model = new HashMap<>();
    CarafeBuilder<Long, Long> builder = builder(1 << 20);
    try (Carafe<Long, Long> cache =
        (lifetimes == Lifetimes.EQUAL
                ? builder.expireAfterWrite(Duration.ofNanos(LIFETIME))
                : builder.expireAfter(
                    Expiry.<Long, Long>writing((key, value) -> Duration.ofNanos(value))))
            .build()) {
      for (int step = 0; step < 300_000; step++) {
        long key = random.nextInt(1 + random.nextInt(KEYS)); // some are read often
        Modelled put = model.get(key);
        Modelled living = put != null && put.expiresAt > ticks.get() ? put : null;
        int operation = random.nextInt(100);
        if (operation < 4) {
          long value =
              lifetimes == Lifetimes.EQUAL ? step : random.nextLong(1, 2 * lifetimes.nanos);
          cache.put(key, value);
          long lifetime = lifetimes == Lifetimes.EQUAL ? LIFETIME : value;
          model.put(key, new Modelled(value, ticks.get() + lifetime));
        } else if (operation < 5) {
          cache.invalidate(key);
          model.remove(key);
        } else if (operation < 7) {
          ticks.addAndGet(random.nextLong(lifetimes.nanos / 8));
        } else if (operation < 8 && living != null && lifetimes != Lifetimes.EQUAL) {
          long lifetime = random.nextLong(1, lifetimes.nanos);
          cache
              .policy()
              .expireVariably()
              .orElseThrow()
              .setExpiresAfter(key, lifetime, TimeUnit.NANOSECONDS);
          model.put(key, new Modelled(living.value, ticks.get() + lifetime));
        } else {
          Long found = cache.getIfPresent(key);
          Long wanted = living == null ? null : (Long) living.value;
          assertEquals(wanted, found, () -> "key " + key);
        }
      }
      ticks.addAndGet(2 * LIFETIME); // as above
    }
  }

  /**
   * Of Caffeine's own expiries, those that depend on writes only do not see the value of a read.
   */
  @Test
  void aReadDecodesItsValueOnce() {
    AtomicLong decoded = new AtomicLong();
    Codec<Long> counting =
        Codec.of(
            value -> new byte[] {value.byteValue()},
            bytes -> {
              decoded.incrementAndGet();
              return (long) bytes[0];
            });
    Expiry<Long, Long> writing = Expiry.writing((key, value) -> Duration.ofNanos(LIFETIME));
    try (Carafe<Long, Long> cache =
        Carafe.newBuilder()
            .keyCodec(Codec.int64())
            .valueCodec(counting)
            .memory(1 << 20)
            .expireAfter(writing)
            .build()) {
      cache.put(1L, 1L);
      decoded.set(0);
      assertEquals(1L, cache.getIfPresent(1L));
      assertEquals(1, decoded.get());
    }
  }

  @Test
  void anExpiryThatDependsOnReadsIsCalledOnEachRead() {
    AtomicLong reads = new AtomicLong();
    Expiry<Long, Long> accessing =
        Expiry.accessing((key, value) -> {
          reads.incrementAndGet();
          return Duration.ofNanos(LIFETIME);
        });
    try (Carafe<Long, Long> cache = builder(1 << 20).expireAfter(accessing).build()) {
      cache.put(1L, 1L);
      reads.set(0);
      for (int read = 1; read <= 1_000; read++) {
        ticks.addAndGet(LIFETIME - 1);
        assertEquals(1L, cache.getIfPresent(1L));
        assertEquals(read, reads.get());
      }
    }
  }
}
