package dev.carafe.hotrod;

import static dev.carafe.hotrod.Server.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.infinispan.client.hotrod.exceptions.HotRodClientException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that stops, starts again with or without its entries, or removes all of them. */
@Timeout(120)
class ServerRestartTest {
  private static final int KEYS = 100;

  @TempDir Path folder;
  private Server server;
  private RemoteCacheManager otherManager;
  private RemoteCache<String, String> other;

  @BeforeEach
  void start() {
    server = new Server();
    otherManager = new RemoteCacheManager(server.otherClient().build());
    other = otherManager.getCache(Server.CACHE);
  }

  @AfterEach
  void stop() {
    otherManager.close();
    server.close();
  }

  private void fill(RemoteCache<String, String> cache, String value) {
    for (int i = 0; i < KEYS; i++) {
      put(cache, "k" + i, value);
    }
  }

  /** Writes; again if there was no connection. */
  private static void put(RemoteCache<String, String> cache, String key, String value) {
    eventually(
        "a write",
        () -> {
          try {
            cache.put(key, value);
            return true;
          } catch (HotRodClientException e) {
            return false;
          }
        });
  }

  /** Reads; again if there was no connection. */
  private static @Nullable String get(Near near, String key) {
    AtomicReference<@Nullable String> found = new AtomicReference<>();
    eventually(
        "a read",
        () -> {
          try {
            found.set(near.cache.get(key));
            return true;
          } catch (HotRodClientException e) {
            return false;
          }
        });
    return found.get();
  }

  private static void readAll(Near near, @Nullable String expected) {
    for (int i = 0; i < KEYS; i++) {
      assertEquals(expected, get(near, "k" + i), "k" + i);
    }
  }

  /** Waits until values are read from the near tier again. */
  private static void awaitHits(Near near, @Nullable String expected) {
    long hits = near.stats().hits();
    eventually(
        "hits",
        () -> {
          readAll(near, expected);
          return near.stats().hits() > hits;
        });
  }

  private static void awaitLoss(Near near, long epochs) {
    eventually("a loss", () -> near.stats().epochs() > epochs);
  }

  @Test
  void valuesOfBeforeAreNotBelieved() {
    fill(other, "1");
    try (Near near = Near.inMemory(server)) {
      near.factory.revalidate(near.cache, 1000); // and after the loss
      readAll(near, "1");
      readAll(near, "1");
      assertTrue(near.stats().hits() >= KEYS, () -> near.stats().toString());
      long epochs = near.stats().epochs();
      server.stop();
      awaitLoss(near, epochs);
      server.start();
      fill(other, "2");
      readAll(near, "2");
      awaitHits(near, "2");
      put(other, "k0", "3");
      eventually("an event", () -> "3".equals(near.cache.get("k0")));
    }
  }

  @Test
  void whatTheServerHasLostIsGone() {
    fill(other, "1");
    try (Near near = Near.inMemory(server)) {
      near.factory.revalidate(near.cache, 1000);
      readAll(near, "1");
      long epochs = near.stats().epochs();
      server.restartEmpty();
      awaitLoss(near, epochs);
      readAll(near, null);
      fill(other, "2");
      eventually("an event", () -> "2".equals(get(near, "k0")));
      readAll(near, "2");
      awaitHits(near, "2");
    }
  }

  /** The versions of the new entries are not those of the old ones, although both were counted. */
  @Test
  void aFileOfBeforeIsNotTakenForTheNewEntries() {
    Path file = folder.resolve("near");
    fill(other, "1");
    try (Near near = Near.inFile(server, file)) {
      readAll(near, "1");
    }
    server.restartEmpty();
    fill(other, "2");
    try (Near near = Near.inFile(server, file)) {
      assertTrue(near.factory.near().estimatedSize() > KEYS / 2, "the file has no values");
      near.factory.revalidate(near.cache, 1000);
      readAll(near, "2");
      assertEquals(0, near.stats().verified());
      awaitHits(near, "2");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aClearReachesTheNearCache(boolean isByTheServer) {
    Path file = folder.resolve("near");
    fill(other, "1");
    try (Near near = Near.inFile(server, file)) {
      readAll(near, "1");
      readAll(near, "1");
      if (isByTheServer) {
        server.clear();
      } else {
        other.clear();
      }
      for (int i = 0; i < KEYS; i++) {
        String key = "k" + i;
        eventually("the removal of " + key, () -> near.cache.get(key) == null);
      }
      fill(other, "2");
      eventually("the last event", () -> "2".equals(near.cache.get("k" + (KEYS - 1))));
      readAll(near, "2");
      awaitHits(near, "2");
      other.clear();
    }
    try (Near near = Near.inFile(server, file)) {
      assertEquals(0, near.factory.revalidate(near.cache, 1000));
      readAll(near, null);
      assertNull(near.cache.get("k0"));
    }
  }
}
