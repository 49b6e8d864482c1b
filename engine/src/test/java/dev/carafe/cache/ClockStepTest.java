package dev.carafe.cache;

import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.FixedExpiry;
import dev.carafe.spi.Hooks;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Steps of the wall clock in both directions, while the cache is open and while it is closed
 * (contract R6).
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ClockStepTest {
  private static final long HOUR = Duration.ofHours(1).toNanos();
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final SimDisk disk = new SimDisk(new byte[0]);
  private final SetClocks clocks = new SetClocks();

  /** The monotonic clock of the system, and clocks that differ from it by offsets of the test. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // only the thread of the test writes
  private static final class SetClocks implements SystemClocks {
    private volatile long wall =
        Instant.parse("2026-03-01T00:00:00Z").getEpochSecond() * 1_000_000_000L;
    private volatile long boot = 7 * HOUR;
    private final long start = System.nanoTime();

    @Override
    public long wallNanos() {
      return wall + monotonicNanos() - start;
    }

    @Override
    public long monotonicNanos() {
      return System.nanoTime();
    }

    @Override
    public long bootNanos() {
      return boot + monotonicNanos() - start;
    }

    void set(long byNanos) {
      wall += byNanos;
    }

    void suspend(long nanos) {
      wall += nanos;
      boot += nanos;
    }
  }

  private Carafe<Long, byte[]> open() {
    CarafeSpec<Long, byte[]> spec =
        new CarafeSpec<>(
            Codec.int64(),
            Codec.bytes(),
            MemoryLimits.of(64 << 10),
            FileOptions.at(Path.of("simulated.carafe"), 1 << 20).withRecovery(Recovery.STRICT),
            new Timing(
                new FixedExpiry(Duration.ofHours(1), false),
                null,
                Ticker.systemTicker(),
                null,
                Duration.ofDays(1)),
            Hooks.none(),
            StatsCounter::disabledStatsCounter);
    return Engine.open(
        spec, (options, fixed) -> new SimDevice(disk, new FaultPlan(0), false), clocks);
  }

  private void assertAliveAfter(long nanos) {
    clocks.set(nanos);
    try (Carafe<Long, byte[]> cache = open()) {
      assertNotNull(cache.getIfPresent(1L));
    }
    clocks.set(-nanos);
  }

  private void assertGoneAfter(long nanos) {
    clocks.set(nanos);
    try (Carafe<Long, byte[]> cache = open()) {
      assertNull(cache.getIfPresent(1L));
    }
    clocks.set(-nanos);
  }

  @Test
  void clockIsSetBack() {
    clocks.set(5 * HOUR);
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, value(1, 0, 100));
      cache.flush();
      clocks.set(-5 * HOUR);
      assertNotNull(cache.getIfPresent(1L));
    }
    assertAliveAfter(50 * MINUTE);
    assertGoneAfter(70 * MINUTE);
  }

  @Test
  void clockIsSetForward() {
    clocks.set(-5 * HOUR);
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, value(1, 0, 100));
      cache.flush();
      clocks.set(5 * HOUR);
      cache.put(2L, value(2, 0, 100));
      assertNotNull(cache.getIfPresent(1L));
    }
    assertAliveAfter(50 * MINUTE);
    try (Carafe<Long, byte[]> cache = open()) {
      assertNotNull(cache.getIfPresent(2L));
    }
    assertGoneAfter(70 * MINUTE);
  }

  /** Records of earlier openings expire by the clock as it was set last. */
  @Test
  void entriesOfEarlierOpeningsFollowTheClock() {
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, value(1, 0, 100));
    }
    clocks.set(-3 * HOUR); // two hours pass, and the clock is five hours behind then
    try (Carafe<Long, byte[]> cache = open()) {
      assertNotNull(cache.getIfPresent(1L));
      cache.put(2L, value(2, 0, 100));
      clocks.set(5 * HOUR);
      cache.flush();
      awaitGone(cache, 1L);
      assertNotNull(cache.getIfPresent(2L));
    }
    try (Carafe<Long, byte[]> cache = open()) {
      assertNull(cache.getIfPresent(1L));
      assertNotNull(cache.getIfPresent(2L));
    }
  }

  private static void awaitGone(Carafe<Long, byte[]> cache, long key) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (cache.getIfPresent(key) != null) {
      assertTrue(System.nanoTime() < end, "key " + key + " is still there");
      Thread.onSpinWait();
    }
  }

  /** Many extents are written, reinserted and freed after the step. */
  @Test
  void stepsAreStoredWhileRecordsNeedThem() {
    clocks.set(5 * HOUR);
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, value(1, 0, 100));
      cache.flush();
      clocks.set(-5 * HOUR);
      cache.flush();
      for (long round = 0; round < 40; round++) {
        cache.put(2L, value(2, round, 40_000));
        cache.flush();
        assertNotNull(cache.getIfPresent(1L));
      }
    }
    assertAliveAfter(50 * MINUTE);
    try (Carafe<Long, byte[]> cache = open()) {
      for (long round = 0; round < 40; round++) { // reinserted by a later opening
        cache.put(2L, value(2, round, 40_000));
        cache.flush();
      }
    }
    assertAliveAfter(50 * MINUTE);
    assertGoneAfter(70 * MINUTE);
  }

  @Test
  void entriesAgeDuringSuspension() {
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, value(1, 0, 100));
      clocks.suspend(2 * HOUR);
      cache.flush(); // compares the clocks
      assertNull(cache.getIfPresent(1L));
      cache.put(1L, value(1, 1, 100));
    }
    assertAliveAfter(50 * MINUTE);
    assertGoneAfter(70 * MINUTE);
  }

  @Test
  void timesBeforeTheEpochAreValid() {
    clocks.wall = -3 * HOUR;
    try (Carafe<Long, byte[]> cache = open()) {
      cache.put(1L, value(1, 0, 100));
    }
    assertAliveAfter(50 * MINUTE);
    assertGoneAfter(70 * MINUTE);
  }
}
