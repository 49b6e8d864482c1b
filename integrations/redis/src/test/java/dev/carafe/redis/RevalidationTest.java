package dev.carafe.redis;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.redis.testing.RedisForTests;
import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Values of a file that the server has as well are believed from then on, and not written again.
 */
class RevalidationTest extends NearServerTest {
  private static final int KEYS = 200;

  private final List<String> keys = new ArrayList<>();

  @BeforeEach
  void fill() {
    for (int i = 0; i < KEYS; i++) {
      keys.add("k" + i);
      other.set("k" + i, value(i));
    }
    readAllAndClose();
  }

  /** Every fourth one is sent again rather than compared by its digest. */
  private static String value(int i) {
    return (i % 4 == 0 ? "short" : LONG) + i;
  }

  private void readAllAndClose() {
    try (var near = near()) {
      assertEquals(KEYS, near.getAll(keys).size());
    }
  }

  private static long calls(String command) {
    return other
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ":calls="))
        .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+).*", "$1")))
        .sum();
  }

  private static long statistic(String name) throws Exception {
    Properties all = new Properties();
    all.load(new java.io.StringReader(other.info("stats")));
    return Long.parseLong(all.getProperty(name));
  }

  @Test
  void aConfirmedValueIsNotWrittenAgain() throws Exception {
    var near = near();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < KEYS; i++) {
        assertEquals(value(i), near.get("k" + i));
      }
    }
    assertEquals(KEYS, near.stats().unchanged());
    assertEquals(KEYS, near.stats().confirmedHits());
    assertEquals(2 * KEYS, near.stats().nearHits());
    assertEquals(0, near.near().tierStats().memory().puts());
    assertEquals(0, near.near().tierStats().file().stored());
    other.set("k1", "changed");
    other.set("k4", "changed");
    eventually("the changes", () -> "changed".equals(near.get("k1")));
    eventually("the changes", () -> "changed".equals(near.get("k4")));
    assertEquals(value(2), near.get("k2"));
  }

  @Test
  void oneRoundTripComparesManyValues() throws Exception {
    var near = near();
    long compared = calls("eval");
    long reads = statistic("total_reads_processed");
    assertEquals(KEYS, near.getAll(keys).size());
    reads = statistic("total_reads_processed") - reads;
    assertEquals(KEYS * 3 / 4, calls("eval") - compared);
    assertTrue(reads < KEYS / 2, "the server received " + 2 * KEYS + " commands in " + reads);
    long all = statistic("total_commands_processed");
    assertEquals(KEYS, near.getAll(keys).size());
    assertTrue(statistic("total_commands_processed") - all < 5, "compared again");
    assertEquals(KEYS, near.stats().unchanged());
  }

  /** What was confirmed by one process or on one connection is unverified in the next one. */
  @Test
  void whatWasConfirmedIsConfirmedAgainLater() throws Exception {
    readAllAndClose();
    other.set("k1", "changed");
    var near = near();
    assertEquals("changed", near.get("k1"));
    assertEquals(value(2), near.get("k2"));
    assertEquals(value(3), near.get("k3"));
    RedisForTests.killTracking(other);
    other.set("k2", "changed");
    eventually("another connection", () -> near.stats().losses() == 1 && near.stats().connected());
    assertEquals("changed", near.get("k2"));
    assertEquals(value(3), near.get("k3"));
    other.flushall();
    eventually("the flush", () -> near.stats().flushes() == 1);
    assertNull(near.get("k3"));
  }

  @Test
  void staleValuesAreServedIfTheyWereConfirmed() throws Exception {
    var near = near(builder -> builder.staleIfDisconnected(Duration.ofHours(1)));
    assertEquals(value(1), near.get("k1"));
    server.stop();
    try {
      eventually("a loss", () -> !near.stats().connected());
      assertEquals(value(1), near.get("k1"));
      assertEquals(1, near.stats().staleHits());
    } finally {
      server.start();
    }
    eventually("another connection", () -> near.stats().connected());
    assertEquals(value(1), near.get("k1"));
  }

  /** Without a change at the server, the time of expiry is the same. */
  @Test
  void aTimeToLiveIsCompared() throws Exception {
    other.set("kept", LONG, SetArgs.Builder.ex(3600));
    other.set("longer", LONG, SetArgs.Builder.ex(3600));
    other.set("persisted", LONG, SetArgs.Builder.ex(3600));
    other.set("shorter", LONG, SetArgs.Builder.ex(3600));
    other.set("mortal", LONG);
    List<String> timed = List.of("kept", "longer", "persisted", "shorter", "mortal");
    try (var near = near()) {
      assertEquals(5, near.getAll(timed).size());
    }
    other.expire("longer", 7200);
    other.persist("persisted");
    other.expire("shorter", 1800);
    other.expire("mortal", 1800);
    var near = near();
    Map<String, String> found = near.getAll(timed);
    assertEquals(5, found.size());
    assertEquals(5, near.stats().unchanged());
    assertEquals(2, near.near().tierStats().memory().puts(), "shorter and mortal");
    for (String key : timed) {
      long bound = key.equals("shorter") || key.equals("mortal") ? 1800 : 3600;
      long left = left(near, key).orElse(Long.MAX_VALUE);
      assertTrue(left <= TimeUnit.SECONDS.toMillis(bound), () -> key + " lives for " + left);
      assertTrue(left > TimeUnit.SECONDS.toMillis(bound - 120), () -> key + " lives for " + left);
    }
    assertEquals(found, near.getAll(timed));
    assertEquals(5, near.stats().nearHits());
  }

  private static OptionalLong left(CarafeNearCache<?, ?> near, String key) {
    return near.near()
        .policy()
        .expireVariably()
        .orElseThrow()
        .getExpiresAfter(CarafeNearCacheTest.bytes(key), TimeUnit.MILLISECONDS);
  }
}
