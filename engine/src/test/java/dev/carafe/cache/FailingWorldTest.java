package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.Health;
import dev.carafe.base.LogsOff;
import dev.carafe.base.Soak;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each part of the application code throws each kind of exception, once and then permanently
 * (contract F5, F6). No call hangs, no resource leaks, each key stays usable, {@code health()}
 * reports the state, and the cache works within a bound after the fault.
 */
@LogsOff
final class FailingWorldTest {
  private static final int KEYS = 250; // their values exceed the file's capacity
  private static final int OPS = Soak.times(150, 2_000);
  private static final Duration BOUND = Duration.ofSeconds(30);

  /** The kinds of exceptions. */
  enum Kind {
    RUNTIME,
    CHECKED,
    ASSERTION,
    STACK,
    MEMORY;

    Throwable fault() {
      return switch (this) {
        case RUNTIME -> new IllegalStateException("injected");
        case CHECKED -> new Exception("injected");
        case ASSERTION -> new AssertionError("injected");
        case STACK -> new StackOverflowError("injected");
        case MEMORY -> new OutOfMemoryError("injected");
      };
    }
  }

  /** A fault: its part of the code, exception and duration. */
  record World(FailingCode.Place place, Kind kind, boolean onFile, boolean forGood) {}

  static Stream<World> worlds() {
    List<World> worlds = new ArrayList<>();
    for (FailingCode.Place place : FailingCode.Place.values()) {
      for (Kind kind : Kind.values()) {
        for (int i = 0; i < 4; i++) {
          worlds.add(new World(place, kind, (i & 1) != 0, (i & 2) != 0));
        }
      }
    }
    return worlds.stream();
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void cacheWorksAfterTheFault(World world) {
    Soak.seeded(random -> {
      FailingCode code = new FailingCode(world.kind::fault);
      assertTimeoutPreemptively(BOUND, () -> live(world, code, random));
    });
  }

  private static void live(World world, FailingCode code, SplittableRandom random) {
    SimDisk disk = new SimDisk(new byte[0]);
    FaultPlan sound = new FaultPlan(random.nextLong());
    try (Carafe<Long, byte[]> cache =
        Engine.open(
            code.spec(world.onFile ? file() : null),
            (options, fixed) -> new SimDevice(disk, sound, random.nextBoolean()))) {
      load(cache, random); // without a fault, so that each part is called
      code.fail(world.place, 1 + random.nextInt(20), world.forGood);
      for (int i = 0; i < OPS; i++) {
        step(cache, random);
      }
      assertTrue(code.calls(world.place) > 0, world.place + " is never called");
      code.heal();
      checkSound(cache, world);
    }
  }

  private static FileOptions file() {
    return FileOptions.at(Path.of("simulated.carafe"), 512 << 10)
        .withCompression(FileOptions.Compression.NONE);
  }

  private static void load(Carafe<Long, byte[]> cache, SplittableRandom random) {
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, value(key, random));
    }
  }

  /** Checks that the operation throws the application's exception, or one that it caused. */
  private static void step(Carafe<Long, byte[]> cache, SplittableRandom random) {
    long key = random.nextInt(KEYS);
    try {
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> cache.put(key, value(key, random));
        case 3 -> cache.invalidate(key);
        case 4 -> cache.asMap().merge(key, value(key, random), (a, b) -> b);
        case 5 -> {
          var _ = cache.get(key, k -> value(k, random));
        }
        default -> {
          byte[] seen = cache.getIfPresent(key);
          assertTrue(seen == null || seen[0] == (byte) key, "another key's value");
        }
      }
    } catch (Throwable t) {
      String notifications = String.valueOf(t.getMessage());
      Throwable cause = t.getCause();
      boolean injected =
          notifications.contains("injected") || (cause != null && cause.getMessage() != null);
      if (!injected) {
        throw t;
      }
    }
  }

  private static byte[] value(long key, SplittableRandom random) {
    byte[] value = new byte[1_500 + random.nextInt(2_000)];
    random.nextBytes(value);
    value[0] = (byte) key;
    return value;
  }

  private static void checkSound(Carafe<Long, byte[]> cache, World world) {
    SplittableRandom random = new SplittableRandom(1);
    for (long key = 0; key < 2 * KEYS; key++) {
      byte[] value = value(key, random);
      cache.put(key, value);
      byte[] seen = cache.getIfPresent(key);
      if (seen != null || world.onFile) {
        assertArrayEquals(value, seen, "key " + key + " does not work any more");
      }
    }
    cache.flush();
    Health health = cache.health();
    assertEquals(Health.Tier.OK, health.memory());
    assertTrue(health.file() == null || health.file().why() == null, health::toString);
    Caches.checkCounters(cache);
    cache.invalidateAll();
    for (long key = 0; key < 2 * KEYS; key++) {
      assertNull(cache.getIfPresent(key), "key " + key + " came back");
    }
    cache.cleanUp();
    assertEquals(0, cache.memoryUsage().valueBytes(), "a chunk leaked");
    assertEquals(0, cache.tierStats().memory().entries());
  }
}
