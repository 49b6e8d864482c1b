package dev.carafe.redis;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Writes, loads and deletions through the near cache, and what a real server has then. */
class NearWritesTest extends NearServerTest {
  @Test
  void ownWritesAreSeenAtOnce() {
    var near = near();
    for (int i = 0; i < 100; i++) {
      near.put("a", "value " + i);
      assertEquals("value " + i, near.get("a"));
      assertEquals("value " + i, other.get("a"));
    }
    near.invalidate("a");
    assertNull(near.get("a"));
    assertNull(other.get("a"));
  }

  @Test
  void writesHaveATimeToLive() {
    var near = near(builder -> builder.timeToLive(Duration.ofHours(1)));
    near.put("a", "1");
    assertTrue(other.pttl("a") > 3_500_000);
    near.put("a", "1", Duration.ofSeconds(10));
    assertTrue(other.pttl("a") <= 10_000 && other.pttl("a") > 0);
    near.get("b", key -> "loaded");
    assertTrue(other.pttl("b") > 3_500_000);
    assertThrows(IllegalArgumentException.class, () -> near.put("a", "1", Duration.ZERO));
  }

  @Test
  void oneCallerLoadsForAll() throws Exception {
    var near = near();
    AtomicInteger loads = new AtomicInteger();
    CountDownLatch loading = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> results = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        results.add(
            threads.submit(() ->
                near.get(
                    "a",
                    key -> {
                      loads.incrementAndGet();
                      await(loading);
                      return "loaded " + key;
                    })));
      }
      eventually("a load", () -> loads.get() > 0);
      loading.countDown();
      for (var result : results) {
        assertEquals("loaded a", result.get());
      }
    }
    assertEquals(1, loads.get());
    assertEquals("loaded a", other.get("a"));
    var failure = new IllegalArgumentException("no b");
    assertSame(
        failure,
        assertThrows(
            IllegalArgumentException.class,
            () ->
                near.get(
                    "b",
                    key -> {
                      throw failure;
                    })));
    assertNull(near.get("b", key -> null));
    assertThrows(
        IllegalStateException.class,
        () -> near.get("b", key -> near.get("b", same -> "recursive")));
    assertEquals("at last", near.get("b", key -> "at last"));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aLoadDoesNotOverwriteAChange() {
    var near = near();
    near.get(
        "a",
        key -> {
          other.set("a", "by another");
          return "loaded";
        });
    assertEquals("by another", other.get("a"));
    assertEquals("by another", near.get("a"));
    near.get(
        "b",
        key -> {
          near.put("b", "own");
          near.invalidate("b");
          return "loaded before";
        });
    assertNull(other.get("b"), "written although the key was invalidated during the load");
  }

  @Test
  void aValueIsWrittenIfThereIsNone() {
    var near = near();
    assertNull(near.putIfAbsent("a", "1"));
    assertEquals("1", near.putIfAbsent("a", "2"));
    assertEquals("1", near.get("a"));
    other.set("b", "by another");
    assertEquals("by another", near.putIfAbsent("b", "own"));
    assertEquals("by another", other.get("b"));
  }

  @Test
  void aRefusedWriteKeepsTheNearValue() {
    var near = near();
    other.set("a", "1");
    assertEquals("1", near.get("a"));
    long farHits = near.stats().farHits();
    assertEquals("1", near.putIfAbsent("a", "2"));
    assertEquals("1", near.get("a"));
    assertEquals(farHits, near.stats().farHits(), "read again from the server");
  }

  @Test
  void onlyTheKeysWithThePrefixAreDeleted() {
    String prefix = "p*[\\g?ä]::"; // what a pattern of the server gives a meaning
    var near = near(builder -> builder.keyPrefix(prefix).broadcast(prefix));
    for (int i = 0; i < 2500; i++) { // several steps of a scan
      near.put("k" + i, "value " + i);
    }
    assertEquals("value 7", near.get("k7"));
    assertEquals("value 7", other.get(prefix + "k7"));
    other.set("k7", "of another");
    other.set("pages::k7", "of another");
    near.invalidateAll();
    assertNull(near.get("k7"));
    assertEquals(0, near.near().estimatedSize());
    assertEquals(2, other.dbsize());
    near.put("k7", "new");
    assertEquals("new", near.get("k7"));
  }

  @Test
  void aLoadThatBeganBeforeADeletionWritesNothing() {
    var near = near(builder -> builder.keyPrefix("p::"));
    assertEquals(
        "loaded before",
        near.get(
            "a",
            key -> {
              near.invalidateAll();
              return "loaded before";
            }));
    assertEquals(0, other.dbsize());
  }
}
