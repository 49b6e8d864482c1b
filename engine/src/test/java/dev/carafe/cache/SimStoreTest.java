package dev.carafe.cache;

import static dev.carafe.cache.VersionModel.HEAD_BYTES;
import static dev.carafe.cache.VersionModel.value;
import static dev.carafe.cache.VersionModel.versionOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.base.Together;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.Hooks;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.StoreEngine;
import dev.carafe.spi.StoreSpec;
import dev.carafe.spi.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A store of many caches on a simulated disk with faults and crashes, compared with a model: puts,
 * removals, clears, drops and closed caches at random. A read returns the newest value of its cache
 * or a miss (contract R1, R2). After a crash, no value is older than the last successful flush (D2,
 * D3), and a dropped cache is absent.
 */
@SmallRecentReads
class SimStoreTest {
  private static final int CACHES = Soak.times(12, 200);
  private static final int KEYS = 12;
  private static final int GENERATIONS = Soak.times(3, 5);
  private static final int OPS = Soak.times(1_500, 10_000);
  private static final int LONG_ROUNDS = 24;
  private static final int AT_ONCE = 8;

  /** A configuration and its faults. */
  record World(String name, FileOptions options, boolean late, int faultsPerMille) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<World> worlds() {
    FileOptions roomy = FileOptions.at(Path.of("simulated.carafe"), 8 << 20);
    FileOptions small = FileOptions.at(Path.of("simulated.carafe"), 1 << 20);
    return Stream.of(
        new World("sound", roomy, false, 0),
        new World("sound, late", roomy.withCompression(Compression.NONE), true, 0),
        new World("faults", roomy, false, 30),
        new World("faults, small, late", small, true, 30));
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void cachesMatchTheModelAndDroppedOnesStayAbsent(World world) {
    int rounds = Integer.getInteger("carafe.test.rounds", Soak.times(1, LONG_ROUNDS));
    Together.repeat( // they mostly wait for the failing device
        rounds, AT_ONCE, () -> Soak.seeded(random -> new Life(world, random).live()));
  }

  /** A cache, if it is open, and what the model knows of it. */
  private static final class Modelled {
    private final VersionModel model;
    private @Nullable Carafe<Long, byte[]> cache;

    Modelled(String name) {
      this.model = new VersionModel(name, KEYS);
    }
  }

  /** A random run with several crashes. */
  private static final class Life {
    private final World world;
    private final SplittableRandom random;
    private final Map<String, Modelled> caches = new HashMap<>();
    private long version;

    Life(World world, SplittableRandom random) {
      this.world = world;
      this.random = random;
      for (int i = 0; i < CACHES; i++) {
        caches.put("cache " + i, new Modelled("cache " + i));
      }
    }

    void live() {
      byte[] content = {};
      for (int generation = 0; generation < GENERATIONS; generation++) {
        SimDisk disk = new SimDisk(content);
        FaultPlan faults = new FaultPlan(random.nextLong());
        int crashAt;
        try (StoreEngine store = open(disk, faults)) {
          caches.values().forEach(each -> each.cache = null);
          checkSurvivors(store);
          faults.rate(world.faultsPerMille());
          for (int i = 0; i < OPS; i++) {
            step(store);
          }
          crashAt = disk.journal().size();
          faults.rate(0);
          Record.add("operations of the simulated store", OPS);
        }
        content =
            random.nextBoolean() ? disk.afterKill(crashAt) : disk.afterPowerCut(crashAt, random);
      }
    }

    private StoreEngine open(SimDisk disk, FaultPlan faults) {
      Duration bound = random.nextBoolean() ? Duration.ofMillis(1) : Duration.ofDays(1); // D6
      return Engine.openStore(
          new StoreSpec(MemoryLimits.of(256 << 10), world.options(), bound, Ticker.systemTicker()),
          (options, fixed) -> new SimDevice(disk, faults, world.late()),
          SystemClocks.ofSystem());
    }

    private Modelled modelled(String name) {
      return Objects.requireNonNull(caches.get(name), name);
    }

    private Carafe<Long, byte[]> cache(StoreEngine store, String name) {
      Modelled modelled = modelled(name);
      Carafe<Long, byte[]> cache = modelled.cache;
      if (cache == null) {
        cache =
            store
                .cache(name)
                .open(
                    new CarafeSpec<>(
                        Codec.int64(),
                        Codec.bytes(),
                        MemoryLimits.of(0),
                        null,
                        Timing.none(),
                        Hooks.none(),
                        StatsCounter::disabledStatsCounter));
        modelled.cache = cache;
      }
      return cache;
    }

    private void step(StoreEngine store) {
      String name = "cache " + random.nextInt(CACHES);
      VersionModel model = modelled(name).model;
      int key = random.nextInt(KEYS);
      int chance = random.nextInt(1000);
      if (chance < 400) {
        check(key, cache(store, name).getIfPresent((long) key), model.current(key));
      } else if (chance < 850) {
        cache(store, name)
            .put((long) key, value(key, ++version, HEAD_BYTES + random.nextInt(3_000)));
        model.changed(key, version);
      } else if (chance < 950) {
        cache(store, name).invalidate((long) key);
        model.changed(key, 0);
        assertEquals(null, cache(store, name).getIfPresent((long) key));
      } else if (chance < 965) {
        cache(store, name).invalidateAll();
        model.removedAll();
      } else if (chance < 980) {
        cache(store, name).close();
        modelled(name).cache = null;
      } else if (chance < 988) {
        drop(store, name, modelled(name));
      } else if (chance < 990) {
        store.resize((128 + random.nextLong(512)) << 10, world.options().capacityBytes());
      } else {
        flush(store);
      }
    }

    private void drop(StoreEngine store, String name, Modelled dropped) {
      boolean durable = true;
      try {
        store.drop(name);
      } catch (DeviceException e) {
        durable = false;
      }
      dropped.cache = null;
      dropped.model.removedAll();
      if (durable) {
        dropped.model.flushed(version + 1); // nothing may return that was written before
      }
      assertFalse(store.cacheNames().contains(name), name);
    }

    private void flush(StoreEngine store) {
      try {
        store.flush();
      } catch (DeviceException e) {
        return; // without a promise of durability
      }
      caches
          .values()
          .forEach(each -> {
            if (each.cache != null) { // else its values may be lost: it was closed during faults
              each.model.flushed(version + 1);
            }
          });
    }

    /** A closed cache may have lost values if the device failed. */
    private void check(int key, byte @Nullable [] found, long expected) {
      if (found != null) {
        assertEquals(expected, versionOf(key, found), "key " + key);
      } else if (world.faultsPerMille() == 0) {
        assertEquals(0, expected, "key " + key + " is lost");
      }
    }

    private void checkSurvivors(StoreEngine store) {
      for (Map.Entry<String, Modelled> each : caches.entrySet()) {
        Carafe<Long, byte[]> cache = cache(store, each.getKey());
        for (int key = 0; key < KEYS; key++) {
          byte[] found = cache.getIfPresent((long) key);
          each.getValue().model.survived(key, found, world.faultsPerMille() == 0, version + 1);
        }
      }
    }
  }
}
