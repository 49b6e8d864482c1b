package dev.carafe.jcache;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.CarafeStore;
import dev.carafe.redis.NearStats;
import dev.carafe.redis.testing.RedisForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import org.junit.jupiter.api.Test;

/** Changes and reads of caches with a far side, by two processes, and what survives. */
final class FarTest extends FarServerTest {
  @Test
  void managersShareValuesAndSeeEachOthersChanges() {
    Cache<String, String> here = manager("one").getCache("books");
    Cache<String, String> there = manager("two").getCache("books");
    Cache<String, String> other = manager("three").getCache("other");
    here.put("a", "1");
    other.put("a", "of another cache");
    assertEquals("1", there.get("a"));
    assertEquals("1", server.commands().get("books::a"));
    readUntilNear(here, "a");
    there.put("a", "2");
    eventually("the change", () -> "2".equals(here.get("a")));
    here.putAll(Map.of("b", "3", "c", "4"));
    assertEquals(Map.of("a", "2", "b", "3", "c", "4"), there.getAll(Set.of("a", "b", "c", "d")));
    assertTrue(there.containsKey("c"));
    assertFalse(there.containsKey("d"));
    there.removeAll(Set.of("b", "d"));
    eventually("the removal", () -> !here.containsKey("b"));
    there.clear();
    eventually("an empty cache", () -> here.getAll(Set.of("a", "c")).isEmpty());
    there.put("a", "5");
    there.removeAll();
    assertNull(there.get("a"));
    assertEquals("of another cache", other.get("a"));
    assertEquals(1, server.commands().dbsize());
  }

  @Test
  void valuesOfTheFileAreComparedWithTheServerAfterARestart() {
    CacheManager manager = manager("one");
    Cache<String, String> books = manager.getCache("books");
    for (String key : List.of("same", "changed", "removed")) {
      books.put(key, key + " before");
      readUntilNear(books, key);
    }
    manager.close();
    server.commands().set("books::changed", "by another");
    server.commands().del("books::removed");
    Cache<String, String> again = manager("one").getCache("books");
    assertEquals("same before", again.get("same"));
    assertEquals("by another", again.get("changed"));
    assertNull(again.get("removed"));
    // By the reads or before them. A read beside a comparison can compare once more.
    NearStats stats = near(again).stats();
    assertTrue(stats.unchanged() >= 1 && stats.changed() >= 2, stats::toString);
  }

  @Test
  void aChangeDuringALossOfTheConnectionIsSeen() {
    Cache<String, String> books = manager("one").getCache("books");
    books.put("a", "1");
    readUntilNear(books, "a");
    assertTrue(server.killTracking() > 0);
    server.commands().set("books::a", "2");
    eventually("the loss", () -> near(books).stats().losses() == 1);
    assertEquals("2", books.get("a"));
    assertEquals("2", books.getAndPut("a", "3"));
    assertEquals("3", books.get("a"));
  }

  @Test
  void withoutTheServerValuesAreServedAsLongAsIsAllowed() throws IOException {
    try (var own = new RedisForTests(Files.createDirectory(directory.resolve("server")))) {
      Cache<String, String> books =
          manager(
                  "one",
                  "carafe.default.far = " + own.address().replace("20s", "2s"),
                  "carafe.cache.books.staleIfDisconnected = 1h")
              .getCache("books");
      books.put("a", "1");
      readUntilNear(books, "a");
      own.stop();
      eventually("the loss", () -> !near(books).stats().connected());
      assertEquals("1", books.get("a"));
      var failure = assertThrows(CacheException.class, () -> books.put("a", "2"));
      assertTrue(String.valueOf(failure.getMessage()).contains("books"), failure::getMessage);
      CacheManager late = manager("two", "carafe.default.far = " + own.address());
      var refused = assertThrows(CacheException.class, () -> late.getCache("late"));
      assertTrue(String.valueOf(refused.getMessage()).contains("late"), refused::getMessage);
    }
  }

  /** Two processes, each with two threads; no change of one is lost by another. */
  @Test
  void changesAreAtomicAtTheServer() throws Exception {
    List<Cache<String, String>> caches =
        List.of(manager("one").getCache("n"), manager("two").getCache("n"));
    AtomicInteger winners = new AtomicInteger();
    try (var threads = Executors.newCachedThreadPool()) {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        Cache<String, String> cache = caches.get(thread % 2);
        all.add(
            threads.submit(() -> {
              for (int i = 0; i < 40; i++) {
                cache.invoke(
                    "invoked",
                    (entry, arguments) -> {
                      entry.setValue(entry.exists() ? more(entry.getValue()) : "1");
                      return null;
                    });
                boolean replaced = false;
                while (!replaced) {
                  String old = cache.get("replaced");
                  replaced =
                      old == null
                          ? cache.putIfAbsent("replaced", "1")
                          : cache.replace("replaced", old, more(old));
                }
                winners.addAndGet(cache.putIfAbsent("first " + i, "x") ? 1 : 0);
                winners.addAndGet(cache.remove("first " + i, "y") ? 1 : 0);
              }
            }));
      }
      for (Future<?> next : all) {
        next.get();
      }
    }
    assertEquals("160", server.commands().get("n::invoked"));
    assertEquals("160", server.commands().get("n::replaced"));
    assertEquals(40, winners.get());
    assertEquals("160", caches.getFirst().getAndRemove("invoked"));
    assertNull(caches.getLast().getAndRemove("invoked"));
  }

  private static String more(String number) {
    return String.valueOf(Integer.parseInt(number) + 1);
  }

  /** The expiry policy decides the time to live at the server. */
  @Test
  void theServerHasTheTimesOfTheExpiryPolicy() {
    CacheManager manager =
        manager(
            "one",
            "carafe.cache.created.expiry = created 1h",
            "carafe.cache.modified.expiry = modified 1h");
    Map<String, Consumer<Cache<String, String>>> changes = new HashMap<>();
    changes.put("put", cache -> cache.put("a", "2"));
    changes.put("putAll", cache -> cache.putAll(Map.of("a", "2")));
    changes.put("getAndPut", cache -> cache.getAndPut("a", "2"));
    changes.put("replace", cache -> cache.replace("a", "2"));
    changes.put("compared replace", cache -> cache.replace("a", "1", "2"));
    changes.put(
        "invoke",
        cache ->
            cache.invoke(
                "a",
                (entry, arguments) -> {
                  entry.setValue("2");
                  return null;
                }));
    for (String name : List.of("created", "modified", "eternal")) {
      Cache<String, String> cache = manager.getCache(name);
      changes.forEach((what, change) -> {
        cache.removeAll();
        cache.put("a", "1");
        long first = server.commands().pttl(name + "::a");
        assertTrue(name.equals("eternal") ? first == -1 : first > 3_500_000, name + " " + first);
        server.commands().pexpire(name + "::a", 100_000);
        change.accept(cache);
        long second = server.commands().pttl(name + "::a");
        assertEquals("2", server.commands().get(name + "::a"), what);
        assertTrue(
            name.equals("modified") ? second > 3_500_000 : second > 0 && second <= 100_000,
            name + ", " + what + ": " + second);
      });
      cache.remove("a");
      assertTrue(cache.putIfAbsent("a", "1"));
      long absent = server.commands().pttl(name + "::a");
      assertTrue(name.equals("eternal") ? absent == -1 : absent > 3_500_000, name);
    }
  }

  @Test
  void aValueThatExpiresAtOnceIsNotKept() {
    Cache<String, String> cache =
        manager("one", "carafe.default.expiry = modified 0s").getCache("c");
    cache.put("a", "1");
    assertFalse(cache.putIfAbsent("a", "1"));
    cache.invoke(
        "a",
        (entry, arguments) -> {
          entry.setValue("1");
          return null;
        });
    assertEquals(0, server.commands().dbsize());
    server.commands().set("c::a", "1");
    cache.put("a", "2");
    assertEquals(0, server.commands().dbsize());
  }

  /** Java serialization with a filter, no store, a file of its own. */
  @Test
  void aCacheOfItsOwnMemoryAndFileHasAFarSide() {
    CacheManager manager =
        manager(
            List.of(
                "carafe.cache.c.far = " + server.address(),
                "carafe.cache.c.file = " + directory.resolve("own"),
                "carafe.cache.c.fileBytes = 16m",
                "carafe.cache.c.serialFilter = java.**;!*",
                "carafe.cache.local.memory = 1m"));
    Cache<List<String>, Map<String, Integer>> cache = manager.getCache("c");
    cache.put(new ArrayList<>(List.of("a", "b")), new HashMap<>(Map.of("x", 1)));
    assertEquals(Map.of("x", 1), cache.get(new ArrayList<>(List.of("a", "b"))));
    assertTrue(cache.replace(new ArrayList<>(List.of("a", "b")), Map.of("x", 1), Map.of("y", 2)));
    assertEquals(Map.of("y", 2), cache.get(new ArrayList<>(List.of("a", "b"))));
    assertThrows(IllegalArgumentException.class, () -> manager.unwrap(CarafeStore.class));
    manager.getCache("local").put("a", "b");
    manager.destroyCache("c");
    assertFalse(Files.exists(directory.resolve("own")));
    assertEquals(1, server.commands().dbsize(), "the server keeps the values, for other processes");
  }
}
