package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.Health;
import dev.carafe.base.NoThreads;
import dev.carafe.base.Soak;
import dev.carafe.base.Structures;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.FaultPlan.Fault;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.Hooks;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.Timing;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each kind of device fault, and a refused start of the maintenance thread, occurs once and then
 * permanently (contract F1, F3, F6). No call hangs, no chunk leaks, no value is stale, {@code
 * health()} reports the fault, and the file works within a bound after the fault.
 */
final class FailingDeviceTest {
  private static final int KEYS = 250; // their values exceed the file's capacity

  /**
   * Twice what memory holds. Without a fault 83 to 128 keys hit, by the seed: a scan of more keys
   * than the file holds lets the log reclaim values that the scan has yet to read.
   */
  private static final int MIN_HITS = 50;

  private static final int OPS = Soak.times(300, 3_000);

  /** In the short form less than the 30 s that a call waits for room: no call waits in vain. */
  private static final Duration BOUND = Duration.ofSeconds(Soak.times(25, 60));

  private static final Duration PROGRESS_BOUND = Duration.ofSeconds(20);

  /** A fault that happens once or until it is healed. */
  record World(Fault fault, boolean forGood) {
    /** Whether the file takes no values during the fault. */
    boolean degrades() {
      return forGood && !fault.name().startsWith("READ");
    }
  }

  static Stream<World> worlds() {
    List<World> worlds = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      if (fault != Fault.NONE) {
        worlds.add(new World(fault, false));
        worlds.add(new World(fault, true));
      }
    }
    return worlds.stream();
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void worksAfterTheFault(World world) {
    Soak.seeded(random -> assertTimeoutPreemptively(BOUND, () -> run(world, random)));
  }

  private static void run(World world, SplittableRandom random) {
    FaultPlan faults = new FaultPlan(random.nextLong());
    try (Carafe<Long, byte[]> cache = open(faults, random.nextBoolean())) {
      Load load = new Load(cache, random);
      load.putAll();
      cache.flush();
      faults.fail(world.fault, 1 + random.nextInt(5), world.forGood);
      for (int i = 0; i < OPS; i++) {
        load.step();
      }
      if (world.degrades()) {
        assertNotNull(await(cache, Health.State.DEGRADED, load).why());
      }
      int injected = faults.injected().getOrDefault(world.fault, 0);
      assertTrue(world.forGood ? injected > 0 : injected == 1, injected + " injected");
      faults.heal();
      checkSound(cache, load);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, Integer.MAX_VALUE})
  void worksAfterTheThreadStarts(int times) {
    Soak.seeded(random -> assertTimeoutPreemptively(BOUND, () -> runWithoutThread(times, random)));
  }

  private static void runWithoutThread(int times, SplittableRandom random) {
    NoThreads none = NoThreads.times(times);
    try (Carafe<Long, byte[]> cache = open(new FaultPlan(0), false)) {
      Load load = new Load(cache, random);
      try (none) {
        for (int i = 0; i < OPS; i++) {
          load.step();
        }
        if (times > 1) {
          String why = String.valueOf(await(cache, Health.State.DEGRADED, load).why());
          assertTrue(why.contains("carafe-keeper"), why);
        }
        assertTrue(none.refused() > 0);
      }
      checkSound(cache, load);
    }
  }

  @AfterEach
  void threadsMayStart() {
    NoThreads.times(0).close();
  }

  private static Carafe<Long, byte[]> open(FaultPlan faults, boolean late) {
    FileOptions file =
        FileOptions.at(Path.of("simulated.carafe"), 512 << 10)
            .withCompression(FileOptions.Compression.NONE);
    Timing timing = new Timing(null, null, Ticker.systemTicker(), null, Duration.ofMillis(30));
    CarafeSpec<Long, byte[]> spec =
        new CarafeSpec<>(
            Codec.int64(),
            Codec.bytes(),
            MemoryLimits.of(64 << 10),
            file,
            timing,
            Hooks.none(),
            StatsCounter::disabledStatsCounter);
    SimDisk disk = new SimDisk(new byte[0]);
    return Engine.open(spec, (options, fixed) -> new SimDevice(disk, faults, late));
  }

  private static Health.Tier await(Carafe<Long, byte[]> cache, Health.State wanted, Load load) {
    long end = System.nanoTime() + PROGRESS_BOUND.toNanos();
    Health.Tier seen = file(cache);
    while (seen.state() != wanted) {
      String notifications = seen.toString();
      assertTrue(System.nanoTime() - end < 0, () -> "not " + wanted + ": " + notifications);
      load.step();
      LockSupport.parkNanos(1_000_000);
      seen = file(cache);
    }
    return seen;
  }

  private static Health.Tier file(Carafe<Long, byte[]> cache) {
    Health.Tier file = cache.health().file();
    assertNotNull(file);
    return file;
  }

  private static void checkSound(Carafe<Long, byte[]> cache, Load load) {
    await(cache, Health.State.OK, load);
    long end = System.nanoTime() + PROGRESS_BOUND.toNanos();
    load.putAll();
    cache.flush();
    int hits = load.checkAll();
    assertTrue(System.nanoTime() - end < 0, "no progress within the bound");
    assertTrue(hits > MIN_HITS, hits + " hits");
    assertEquals(Health.Tier.OK, file(cache));
    assertEquals(Health.Tier.OK, cache.health().memory());
    Caches.checkCounters(cache);
    cache.invalidateAll();
    assertEquals(0, load.checkAll(), "a value came back");
    cache.cleanUp();
    assertEquals(0, cache.memoryUsage().valueBytes(), "a chunk leaked");
    assertEquals(0, cache.tierStats().memory().entries());
    Structures.checkOpen();
  }

  /** Operations of one thread, and the newest version of each key. */
  private static final class Load {
    private final Carafe<Long, byte[]> cache;
    private final SplittableRandom random;
    private final int[] newest = new int[KEYS]; // 0: none
    private int version;

    Load(Carafe<Long, byte[]> cache, SplittableRandom random) {
      this.cache = cache;
      this.random = random;
    }

    void step() {
      int key = random.nextInt(KEYS);
      switch (random.nextInt(40)) {
        case 0, 1, 2, 3 -> {
          cache.invalidate((long) key);
          newest[key] = 0;
        }
        case 4 -> {
          try {
            cache.flush();
          } catch (DeviceException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("simulated"), e::getMessage);
          }
        }
        default -> {
          if (random.nextBoolean()) {
            put(key);
          } else {
            check(key, cache.getIfPresent((long) key));
          }
        }
      }
    }

    void putAll() {
      for (int key = 0; key < KEYS; key++) {
        put(key);
      }
    }

    private void put(int key) {
      byte[] value = new byte[1_500 + random.nextInt(2_000)];
      ByteBuffer.wrap(value).putInt(key).putInt(++version);
      cache.put((long) key, value);
      newest[key] = version;
    }

    /** Each key has its newest value or misses (R1, R2); returns the number of hits. */
    int checkAll() {
      int hits = 0;
      for (int key = 0; key < KEYS; key++) {
        hits += check(key, cache.getIfPresent((long) key)) ? 1 : 0;
      }
      return hits;
    }

    private boolean check(int key, byte @Nullable [] seen) {
      if (seen == null) {
        return false;
      }
      byte[] head = ByteBuffer.allocate(8).putInt(key).putInt(newest[key]).array();
      assertArrayEquals(head, Arrays.copyOf(seen, 8), "key " + key);
      return true;
    }
  }
}
