package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Persist;
import dev.carafe.FileOptions.Retention;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Acknowledged changes are in the file within the bound, with or without later operations (contract
 * D6).
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PersistWithinTest {
  private static final Duration SHORT = Duration.ofMillis(60);
  private static final Duration NEVER = Duration.ofDays(365_000);

  @TempDir Path directory;

  private FileOptions options() {
    return FileOptions.at(directory.resolve("c"), 16 * MIB);
  }

  private static Carafe<Long, byte[]> open(FileOptions options, Duration bound) {
    return Caches.builder(4 * MIB).file(options).persistWithin(bound).build();
  }

  /** A process that changes values, reports that, and is idle afterwards. */
  static final class Child {
    static final Duration BOUND = Duration.ofMillis(1_500);
    static final long KEYS = 300;

    private Child() {}

    static FileOptions options(Path file, Io io, Retention retention) {
      return FileOptions.at(file, 16 * MIB).withIo(io).withRetention(retention);
    }

    public static void main(String[] args) throws Exception {
      FileOptions options =
          options(Path.of(args[0]), Io.valueOf(args[1]), Retention.valueOf(args[2]));
      Carafe<Long, byte[]> cache = open(options, BOUND);
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, value(key, 0, 500));
        cache.put(-1 - key, value(key, 0, 500));
      }
      cache.flush();
      for (long key = 0; key < KEYS; key++) {
        cache.put(key, value(key, 1, 700));
        var _ = cache.get(1_000 + key, k -> value(k, 1, 600));
        cache.invalidate(-1 - key);
      }
      System.out.println("acknowledged");
      new CountDownLatch(1).await();
    }
  }

  @ParameterizedTest
  @CsvSource({"AUTO,EVICT", "CHANNEL,EVICT", "AUTO,KEEP_ALL"})
  void changesOlderThanTheBoundSurviveKill(Io io, Retention retention) throws Exception {
    Path file = directory.resolve("killed");
    Process child = ChildJvm.of(Child.class, file.toString(), io.name(), retention.name()).start();
    try (BufferedReader output =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals("acknowledged", output.readLine());
      var _ = new CountDownLatch(1).await(Child.BOUND.toMillis(), TimeUnit.MILLISECONDS);
      assertTrue(child.isAlive());
      child.toHandle().destroyForcibly();
      child.waitFor();
    }
    try (Carafe<Long, byte[]> cache = open(Child.options(file, io, retention), NEVER)) {
      for (long key = 0; key < Child.KEYS; key++) {
        assertArrayEquals(value(key, 1, 700), cache.getIfPresent(key), "put " + key);
        assertArrayEquals(value(1_000 + key, 1, 600), cache.getIfPresent(1_000 + key), "loaded");
        assertNull(cache.getIfPresent(-1 - key), "removed");
      }
    }
  }

  @Test
  void valuesOverwrittenWithinTheBoundAreNotWritten() {
    int puts = 4_000;
    try (Carafe<Long, byte[]> cache = open(options(), Duration.ofSeconds(2))) {
      for (int version = 0; version < puts; version++) {
        cache.put(version % 10L, value(version % 10, version, 500));
      }
      await(() ->
          cache.tierStats().file().stored() >= 10 && cache.tierStats().file().buffered() == 0);
      var file = cache.tierStats().file();
      assertTrue(file.stored() < puts / 2, file::toString);
      Caches.checkCounters(cache);
    }
  }

  @Test
  void savedValuesAreCleanAndNotWrittenAgain() {
    try (Carafe<Long, byte[]> cache = open(options(), SHORT)) {
      for (long key = 0; key < 200; key++) {
        cache.put(key, value(key, 0, 5_000));
      }
      await(() -> cache.tierStats().file().stored() == 200);
      cache.flush();
      for (long key = 0; key < 800; key++) { // unread keys, so that no read evicts them
        cache.put(1_000 + key, value(key, 1, 5_000));
      }
      cache.flush();
      var stats = cache.tierStats();
      assertEquals(1_000, stats.file().stored(), stats::toString); // D5
      assertTrue(stats.memory().droppedClean() > 0, stats::toString);
      Caches.checkCounters(cache);
    }
  }

  @Test
  void storedCountsBytesOfTheDeviceOnly() {
    try (Carafe<Long, byte[]> cache = open(options(), NEVER)) {
      for (long key = 0; key < 50; key++) {
        var _ = cache.get(key, k -> value(k, 0, 500));
      }
      var before = cache.tierStats().file();
      assertEquals(0, before.stored(), before::toString);
      assertEquals(50, before.buffered(), before::toString);
      cache.flush();
      var after = cache.tierStats().file();
      assertEquals(50, after.stored(), after::toString);
      assertEquals(0, after.buffered(), after::toString);
      Caches.checkCounters(cache);
    }
  }

  @Test
  void persistPolicySelectsValues() {
    FileOptions options = options().withPersist(Set.of(Persist.MISSES));
    try (Carafe<Long, byte[]> cache = open(options, SHORT)) {
      cache.put(1L, value(1, 0, 500));
      for (long round = 0; round < 4; round++) { // at least this number of passes
        long key = 10 + round;
        long before = cache.tierStats().file().stored();
        var _ = cache.get(key, k -> value(k, 0, 500));
        await(() -> cache.tierStats().file().stored() > before);
      }
      assertEquals(4, cache.tierStats().file().stored());
      assertEquals(0, cache.tierStats().file().buffered());
    }
  }

  @Test
  void emptyPersistPolicyWritesNothing() {
    try (Carafe<Long, byte[]> cache = open(options().withPersist(Set.of()), SHORT)) {
      cache.put(1L, value(1, 0, 500));
      var _ = cache.get(2L, k -> value(k, 0, 500));
      cache.flush();
      assertEquals(2, cache.tierStats().file().stored());
      var _ = cache.get(3L, k -> value(k, 0, 500));
      for (long key = 1; key < 3; key++) {
        long before = cache.tierStats().file().bytesWritten();
        cache.put(key, value(key, 1, 500)); // the file gets a tombstone, and no value
        await(() -> cache.tierStats().file().bytesWritten() > before);
      }
      assertEquals(2, cache.tierStats().file().stored());
    }
  }

  /**
   * While a computation holds a key's lock, other keys are saved. Its own key is saved after it.
   */
  @Test
  void longComputationDelaysItsOwnKeyOnly() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    try (Carafe<Long, byte[]> cache = open(options(), SHORT)) {
      cache.put(1L, value(1, 0, 500));
      Thread computing =
          Thread.ofPlatform()
              .daemon()
              .start(() ->
                  cache
                      .asMap()
                      .compute(
                          1L,
                          (key, old) -> {
                            inside.countDown();
                            awaitLatch(end);
                            return old;
                          }));
      inside.await();
      long before = cache.tierStats().file().stored();
      cache.put(2L, value(2, 0, 500));
      await(() -> cache.tierStats().file().stored() > before);
      end.countDown();
      computing.join();
      await(() -> cache.tierStats().file().records() == 2);
      assertArrayEquals(value(1, 0, 500), cache.getIfPresent(1L));
    }
  }

  @Test
  void nonPositiveBoundIsRejected() {
    for (Duration wrong : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1)}) {
      var thrown =
          assertThrows(
              IllegalArgumentException.class, () -> Caches.builder(MIB).persistWithin(wrong));
      assertEquals("bound is " + wrong + " but must be positive", thrown.getMessage());
    }
  }

  /** A value that no extent can hold stays in memory, and is counted (D2). */
  @Test
  void valuesLargerThanAnExtentAreCounted() {
    FileOptions options = options().withCapacityBytes(8 * MIB);
    try (Carafe<Long, byte[]> cache = open(options, SHORT)) {
      cache.put(1L, value(1, 0, 1 << 20));
      await(() -> cache.tierStats().memory().tooLarge() == 1);
      cache.put(2L, value(2, 0, 500));
      cache.flush();
      cache.flush();
      var stats = cache.tierStats();
      assertEquals(1, stats.memory().tooLarge(), stats::toString);
      assertEquals(1, stats.file().refusedTooLarge(), stats::toString);
      assertEquals(1, stats.file().stored(), stats::toString);
      assertArrayEquals(value(1, 0, 1 << 20), cache.getIfPresent(1L));
      cache.put(1L, value(1, 1, 500));
      await(() -> cache.tierStats().memory().tooLarge() == 0);
      Caches.checkCounters(cache);
    }
    try (Carafe<Long, byte[]> cache = open(options, SHORT)) {
      assertArrayEquals(value(1, 1, 500), cache.getIfPresent(1L));
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not come about within 30 s");
      Thread.onSpinWait();
    }
  }
}
