package dev.carafe.cache;

import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
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
    AtomicInteger left = new AtomicInteger(rounds);
    Together.platform( // they mostly wait for the failing device
        Math.min(rounds, AT_ONCE),
        me -> {
          while (left.getAndDecrement() > 0) {
            Soak.seeded(random -> new Life(world, random).live());
          }
        });
  }

  /** What the model knows of a cache. Version 0 is no value. */
  private static final class Model {
    private final long[] current = new long[KEYS];
    private final long[] flushed = new long[KEYS];
    private final boolean[] changed = new boolean[KEYS]; // since the last flush
    private final long[] oldest = new long[KEYS]; // older versions must not be read
    private @Nullable Carafe<Long, byte[]> cache;

    void changed(int key, long version) {
      current[key] = version;
      changed[key] = true;
    }

    void flushed(long nextVersion) {
      for (int key = 0; key < KEYS; key++) {
        flushed[key] = current[key];
        oldest[key] = flushed[key] == 0 ? nextVersion : flushed[key];
        changed[key] = false;
      }
    }

    /** Nothing may return that was written before. */
    void dropped(long nextVersion) {
      for (int key = 0; key < KEYS; key++) {
        current[key] = 0;
      }
      flushed(nextVersion);
    }

    void survived(int key, long seen, long nextVersion) {
      current[key] = seen;
      flushed[key] = seen;
      oldest[key] = seen == 0 ? nextVersion : seen;
      changed[key] = false;
    }
  }

  /** A random run with several crashes. */
  private static final class Life {
    private final World world;
    private final SplittableRandom random;
    private final Map<String, Model> models = new HashMap<>();
    private long version;

    Life(World world, SplittableRandom random) {
      this.world = world;
      this.random = random;
      for (int i = 0; i < CACHES; i++) {
        models.put("cache " + i, new Model());
      }
    }

    void live() {
      byte[] content = {};
      for (int generation = 0; generation < GENERATIONS; generation++) {
        SimDisk disk = new SimDisk(content);
        FaultPlan faults = new FaultPlan(random.nextLong());
        int crashAt;
        try (StoreEngine store = open(disk, faults)) {
          models.values().forEach(model -> model.cache = null);
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

    private Model model(String name) {
      return Objects.requireNonNull(models.get(name), name);
    }

    private Carafe<Long, byte[]> cache(StoreEngine store, String name) {
      Model model = model(name);
      Carafe<Long, byte[]> cache = model.cache;
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
        model.cache = cache;
      }
      return cache;
    }

    private void step(StoreEngine store) {
      String name = "cache " + random.nextInt(CACHES);
      Model model = model(name);
      int key = random.nextInt(KEYS);
      int chance = random.nextInt(1000);
      if (chance < 400) {
        check(key, cache(store, name).getIfPresent((long) key), model.current[key]);
      } else if (chance < 850) {
        cache(store, name).put((long) key, versioned(key, ++version, random.nextInt(3_000)));
        model.changed(key, version);
      } else if (chance < 950) {
        cache(store, name).invalidate((long) key);
        model.changed(key, 0);
        assertEquals(null, cache(store, name).getIfPresent((long) key));
      } else if (chance < 965) {
        cache(store, name).invalidateAll();
        for (int i = 0; i < KEYS; i++) {
          model.changed(i, 0);
        }
      } else if (chance < 980) {
        cache(store, name).close();
        model.cache = null;
      } else if (chance < 990) {
        drop(store, name, model);
      } else {
        flush(store);
      }
    }

    private void drop(StoreEngine store, String name, Model model) {
      boolean durable = true;
      try {
        store.drop(name);
      } catch (DeviceException e) {
        durable = false;
      }
      model.cache = null;
      for (int key = 0; key < KEYS; key++) {
        model.changed(key, 0);
      }
      if (durable) {
        model.dropped(version + 1);
      }
      assertFalse(store.cacheNames().contains(name), name);
    }

    private void flush(StoreEngine store) {
      try {
        store.flush();
      } catch (DeviceException e) {
        return; // without a promise of durability
      }
      models
          .values()
          .forEach(model -> {
            if (model.cache != null) { // else its values may be lost: it was closed during faults
              model.flushed(version + 1);
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
      boolean sound = world.faultsPerMille() == 0;
      for (Map.Entry<String, Model> each : models.entrySet()) {
        Model model = each.getValue();
        for (int key = 0; key < KEYS; key++) {
          byte[] found = cache(store, each.getKey()).getIfPresent((long) key);
          long seen = found == null ? 0 : versionOf(key, found);
          if (found != null) {
            assertTrue(
                model.changed[key] ? seen >= model.oldest[key] : seen == model.flushed[key],
                each.getKey()
                    + " key "
                    + key
                    + " came back as "
                    + seen
                    + ", flushed as "
                    + model.flushed[key]
                    + ", oldest "
                    + model.oldest[key]);
          } else if (sound && !model.changed[key]) {
            assertEquals(0, model.flushed[key], "key " + key + " was flushed and is lost");
          }
          model.survived(key, seen, version + 1);
        }
      }
    }
  }

  private static byte[] versioned(long key, long version, int bytes) {
    byte[] value = value(key, version, Math.max(bytes, 20));
    ByteBuffer.wrap(value).putLong(key).putLong(version).putInt(value.length);
    return value;
  }

  /** Returns the version, after a check of each byte. */
  private static long versionOf(long key, byte[] found) {
    ByteBuffer head = ByteBuffer.wrap(found);
    assertEquals(key, head.getLong(), "another key's value");
    long version = head.getLong();
    assertArrayEquals(versioned(key, version, head.getInt()), found);
    return version;
  }
}
