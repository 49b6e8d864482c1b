package dev.carafe.hotrod;

import static dev.carafe.hotrod.Server.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client reads through the near cache, from a server in this JVM. */
@Timeout(60)
class CarafeNearCacheFactoryTest {
  private static Server server;
  private static RemoteCacheManager otherManager;
  private static RemoteCache<String, String> other;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    server = new Server();
    otherManager = new RemoteCacheManager(server.otherClient().build());
    other = otherManager.getCache(Server.CACHE);
  }

  @AfterAll
  static void stop() {
    otherManager.close();
    server.close();
  }

  @BeforeEach
  void empty() {
    other.clear();
  }

  @Test
  void aValueIsReadOnceAndKeepsItsMetadata() {
    other.put("a", "1");
    try (Near near = Near.inMemory(server)) {
      var first = near.cache.getWithMetadata("a");
      var second = near.cache.getWithMetadata("a");
      assertEquals("1", second.getValue());
      assertEquals(first.getVersion(), second.getVersion());
      assertEquals(first.getCreated(), second.getCreated());
      assertEquals(first.getLifespan(), second.getLifespan());
      assertEquals(first.getMaxIdle(), second.getMaxIdle());
      assertEquals(1, near.stats().hits());
      assertEquals(1, near.stats().misses());
      assertTrue(near.cache.replaceWithVersion("a", "2", second.getVersion()));
      assertEquals("2", near.cache.get("a"));
    }
  }

  @Test
  void changesOfOthersAreAnnounced() {
    other.put("a", "1");
    other.put("b", "1");
    try (Near near = Near.inMemory(server)) {
      assertEquals("1", near.cache.get("a"));
      assertEquals("1", near.cache.get("b"));
      other.put("a", "2");
      other.remove("b");
      eventually("the change", () -> "2".equals(near.cache.get("a")));
      eventually("the removal", () -> near.cache.get("b") == null);
    }
  }

  @Test
  void ownWritesAreSeenAtOnce() {
    try (Near near = Near.inMemory(server)) {
      for (int i = 0; i < 100; i++) {
        near.cache.put("a", "" + i);
        assertEquals("" + i, near.cache.get("a"));
        assertEquals("" + i, near.cache.get("a"));
      }
      near.cache.remove("a");
      assertNull(near.cache.get("a"));
      near.cache.put("a", "x");
      assertEquals("x", near.cache.get("a"));
      near.cache.clear();
      assertNull(near.cache.get("a"));
    }
  }

  @Test
  void valuesOfTheFileAreReadAgainAfterARestart() {
    Path file = folder.resolve("near");
    other.put("same", "1");
    other.put("changed", "1");
    other.put("gone", "1");
    try (Near near = Near.inFile(server, file)) {
      assertNotNull(near.cache.get("same"));
      assertNotNull(near.cache.get("changed"));
      assertNotNull(near.cache.get("gone"));
    }
    other.put("changed", "2");
    other.remove("gone");
    try (Near near = Near.inFile(server, file)) {
      assertEquals(3, near.factory.near().estimatedSize());
      assertEquals("1", near.cache.get("same"));
      assertEquals("2", near.cache.get("changed"));
      assertNull(near.cache.get("gone"));
      assertEquals(3, near.stats().unverified());
      assertEquals(0, near.stats().hits());
      assertEquals("1", near.cache.get("same"));
      assertEquals("2", near.cache.get("changed"));
      assertEquals(2, near.stats().hits());
      assertEquals(2, near.factory.near().estimatedSize());
    }
  }

  @Test
  void afterALossNothingOfBeforeIsBelieved() {
    other.put("a", "1");
    try (Near near = Near.inMemory(server)) {
      assertEquals("1", near.cache.get("a"));
      long epochs = near.stats().epochs();
      server.proxy.cut();
      eventually("a loss", () -> near.stats().epochs() > epochs);
      other.put("a", "2");
      eventually("the value of now", () -> "2".equals(near.cache.get("a")));
      long hits = near.stats().hits();
      eventually("a hit", () -> "2".equals(near.cache.get("a")) && near.stats().hits() > hits);
      other.put("a", "3");
      eventually("an event", () -> "3".equals(near.cache.get("a")));
    }
  }

  @Test
  void aValueExpiresWithoutAnEvent() {
    other.put("a", "1", 1, TimeUnit.SECONDS);
    try (Near near = Near.inMemory(server)) {
      assertEquals("1", near.cache.get("a"));
      eventually("its end", () -> near.cache.get("a") == null);
    }
  }

  @Test
  void valuesOfTheFileAreVerifiedByTheirVersions() {
    Path file = folder.resolve("near");
    for (int i = 0; i < 100; i++) {
      other.put("k" + i, "1");
    }
    try (Near near = Near.inFile(server, file)) {
      for (int i = 0; i < 100; i++) {
        assertEquals("1", near.cache.get("k" + i));
      }
    }
    other.put("k0", "2");
    other.put("k1", "1"); // an equal value, of another write
    other.remove("k2");
    try (Near near = Near.inFile(server, file)) {
      assertEquals("2", near.cache.get("k0"));
      long versions = near.factory.revalidate(near.cache, 1000);
      assertTrue(versions > 80 && versions <= 99, () -> versions + " versions");
      assertEquals(1, near.stats().misses());
      for (int i = 0; i < 100; i++) {
        assertEquals(i == 2 ? null : i == 0 ? "2" : "1", near.cache.get("k" + i));
      }
      NearStats stats = near.stats();
      assertTrue(stats.verified() > 80 && stats.verified() < versions, () -> stats.toString());
      assertEquals(101, stats.hits() + stats.misses());
      other.put("k50", "2");
      eventually("the change", () -> "2".equals(near.cache.get("k50")));
    }
  }

  @Test
  void valuesAreVerifiedAfterALoss() {
    for (int i = 0; i < 200; i++) {
      other.put("k" + i, "1");
    }
    try (Near near = Near.inMemory(server)) {
      near.factory.revalidate(near.cache, 1000);
      for (int i = 0; i < 200; i++) {
        assertEquals("1", near.cache.get("k" + i));
      }
      long epochs = near.stats().epochs();
      server.proxy.cut();
      eventually("a loss", () -> near.stats().epochs() > epochs);
      other.put("k199", "2");
      AtomicInteger next = new AtomicInteger();
      eventually(
          "a value that is not read again",
          () -> {
            // Those before the answer of the server are read again.
            assertEquals("1", near.cache.get("k" + next.getAndIncrement()));
            return near.stats().verified() > 0;
          });
      assertEquals("2", near.cache.get("k199"));
    }
  }

  @Test
  void versionsMustBeRemembered() {
    try (Near near = Near.inMemory(server)) {
      assertThrows(IllegalArgumentException.class, () -> near.factory.revalidate(near.cache, 0));
    }
  }
}
