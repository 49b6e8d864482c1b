package dev.carafe.cache;

import static dev.carafe.cache.VersionModel.HEAD_BYTES;
import static dev.carafe.cache.VersionModel.value;
import static dev.carafe.cache.VersionModel.versionOf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Overload;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.base.Together;
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
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The engine on a simulated disk with faults and crashes, compared with a model. A read returns the
 * newest value or a miss (contract R1, R2), bit for bit (R3), with any device fault (F1, F3). After
 * a crash, no value is older than the last successful flush (D2, D3).
 */
@SmallRecentReads
class SimEngineTest {
  private static final int KEYS = 60;
  private static final int GENERATIONS = Soak.times(3, 5);
  private static final int OPS = Soak.times(800, 1_500);
  private static final int LONG_ROUNDS = 48;
  private static final int AT_ONCE = 8;

  /** A configuration and its faults. */
  record World(String name, FileOptions options, boolean late, int faultsPerMille, boolean fills) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<World> worlds() {
    FileOptions roomy = FileOptions.at(Path.of("simulated.carafe"), 4 << 20);
    FileOptions small = FileOptions.at(Path.of("simulated.carafe"), 512 << 10);
    return Stream.of(
        new World("sound", roomy, false, 0, false),
        new World("sound, late", roomy.withCompression(Compression.NONE), true, 0, false),
        new World("faults", roomy, false, 30, false),
        new World("faults, small, late", small, true, 30, false),
        new World("fills up", small.withCompression(Compression.NONE), false, 0, true),
        new World("drops", small.withOverload(Overload.DROP), true, 100, true));
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void readsMatchTheModelAndFlushedValuesSurvive(World world) {
    int rounds = Integer.getInteger("carafe.test.rounds", Soak.times(1, LONG_ROUNDS));
    Together.repeat( // they mostly wait for the failing device
        rounds, AT_ONCE, () -> Soak.seeded(random -> new Life(world, random).live()));
  }

  /** A random run with several crashes. */
  private static final class Life {
    private final World world;
    private final SplittableRandom random;
    private final VersionModel model = new VersionModel("the cache:", KEYS);
    private long version;

    Life(World world, SplittableRandom random) {
      this.world = world;
      this.random = random;
    }

    void live() {
      byte[] content = {};
      for (int generation = 0; generation < GENERATIONS; generation++) {
        SimDisk disk = new SimDisk(content);
        FaultPlan faults = new FaultPlan(random.nextLong());
        int crashAt;
        try (Carafe<Long, byte[]> cache = open(disk, faults)) {
          checkSurvivors(cache);
          faults.rate(world.faultsPerMille());
          for (int i = 0; i < OPS; i++) {
            step(cache, faults);
          }
          crashAt = disk.journal().size();
          faults.rate(0);
          faults.full(false);
          Record.add("operations of the simulated engine", OPS);
          faults
              .injected()
              .forEach((fault, times) -> Record.add("simulated faults: " + fault, times));
        }
        Record.add("crashes of the simulated engine", 1);
        Record.add(Record.LOST, 0);
        content =
            random.nextBoolean() ? disk.afterKill(crashAt) : disk.afterPowerCut(crashAt, random);
      }
    }

    private Carafe<Long, byte[]> open(SimDisk disk, FaultPlan faults) {
      CarafeSpec<Long, byte[]> spec =
          new CarafeSpec<>(
              Codec.int64(),
              Codec.bytes(),
              MemoryLimits.of(64 << 10),
              world.options(),
              timing(),
              Hooks.none(),
              StatsCounter::disabledStatsCounter);
      return Engine.open(spec, (options, fixed) -> new SimDevice(disk, faults, world.late()));
    }

    /** Every other run saves continuously (D6). */
    private Timing timing() {
      Duration bound = random.nextBoolean() ? Duration.ofMillis(1) : Duration.ofDays(1);
      @Nullable FixedExpiry expiry =
          random.nextBoolean() ? new FixedExpiry(Duration.ofDays(1), false) : null;
      return new Timing(expiry, null, Ticker.systemTicker(), null, bound);
    }

    private void step(Carafe<Long, byte[]> cache, FaultPlan faults) {
      int key = random.nextInt(KEYS);
      int chance = random.nextInt(100);
      if (chance < 45) {
        check(key, cache.getIfPresent((long) key), model.current(key));
      } else if (chance < 85) {
        byte[] value = value(key, ++version, HEAD_BYTES + random.nextInt(4_000));
        cache.put((long) key, value);
        model.changed(key, version);
      } else if (chance < 95) {
        cache.invalidate((long) key);
        model.changed(key, 0);
        assertEquals(null, cache.getIfPresent((long) key));
      } else if (chance < 97) {
        flush(cache);
      } else if (world.fills()) {
        faults.full(random.nextBoolean());
      }
    }

    private void flush(Carafe<Long, byte[]> cache) {
      try {
        cache.flush();
      } catch (DeviceException e) {
        return; // without a promise of durability
      }
      model.flushed(version + 1);
    }

    private static void check(int key, byte @Nullable [] found, long expected) {
      if (found != null) {
        assertEquals(expected, versionOf(key, found), "key " + key);
      }
    }

    /**
     * Checks after a crash that no value is older than the flush, and that all values are present
     * if no fault occurred.
     */
    private void checkSurvivors(Carafe<Long, byte[]> cache) {
      boolean sound = world.faultsPerMille() == 0 && !world.fills();
      for (int key = 0; key < KEYS; key++) {
        model.survived(key, cache.getIfPresent((long) key), sound, version + 1);
      }
    }
  }
}
