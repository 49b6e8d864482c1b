package dev.carafe.redis;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.CommandType;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The near cache and a real server, which another client changes. */
class CarafeNearCacheTest extends NearServerTest {
  @Test
  void aSecondReadDoesNotAskTheServer() {
    other.set("a", LONG);
    var near = near();
    assertEquals(LONG, near.get("a"));
    assertEquals(LONG, near.get("a"));
    assertNull(near.get("absent"));
    assertEquals(1, near.stats().nearHits());
    assertEquals(1, near.stats().farHits());
    assertEquals(1, near.stats().farMisses());
  }

  @Test
  void aChangeByAnotherClientIsSeen() throws Exception {
    other.set("a", "1");
    var near = near();
    assertEquals("1", near.get("a"));
    other.set("a", "2");
    eventually("the value 2", () -> "2".equals(near.get("a")));
    other.del("a");
    eventually("no value", () -> near.get("a") == null);
    assertTrue(near.stats().invalidations() >= 2, near.stats()::toString);
  }

  @Test
  void aFlushOfTheServerIsSeen() throws Exception {
    other.set("a", LONG);
    other.set("b", "1");
    var near = near();
    assertEquals(Map.of("a", LONG, "b", "1"), near.getAll(List.of("a", "b", "c")));
    other.flushall();
    eventually("no value", () -> near.getAll(List.of("a", "b")).isEmpty());
    assertEquals(1, near.stats().flushes());
    other.set("a", LONG);
    eventually("the value", () -> LONG.equals(near.get("a")));
    other.flushdb();
    eventually("no value", () -> near.get("a") == null);
  }

  @Test
  void getAllFetchesWhatIsNotNear() {
    var near = near();
    for (int i = 0; i < 1000; i++) {
      other.set("k" + i, "v" + i);
    }
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 1100; i++) {
      keys.add("k" + i);
    }
    assertEquals("v5", near.get("k5"));
    Map<String, String> all = near.getAll(keys);
    assertEquals(1000, all.size());
    all.forEach((key, value) -> assertEquals(key.substring(1), value.substring(1)));
    assertEquals(keys.subList(0, 1000), List.copyOf(all.keySet()));
    assertEquals(1, near.stats().nearHits());
    assertEquals(all, near.getAll(keys));
    assertEquals(1001, near.stats().nearHits());
  }

  @Test
  void theServersTimeToLiveIsTakenOver() throws Exception {
    command(CommandType.DEBUG, "SET-ACTIVE-EXPIRE", "0"); // or the server would announce it
    other.set("b", "1");
    var near = near();
    other.set("a", "1", SetArgs.Builder.px(1000));
    assertEquals("1", near.get("a"));
    assertEquals("1", near.get("b"));
    eventually("it has expired", () -> near.near().getIfPresent(bytes("a")) == null);
    assertEquals(0, near.stats().invalidations());
    eventually("it has expired at the server", () -> near.get("a") == null); // a round trip later
    command(CommandType.DEBUG, "SET-ACTIVE-EXPIRE", "1");
    other.expire("b", 3600); // announced as a change
    eventually("it was announced", () -> near.near().getIfPresent(bytes("b")) == null);
    assertEquals("1", near.get("b"));
  }

  @SuppressWarnings("unchecked")
  static <T> T bytes(String key) {
    return (T) key.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void metersHaveTheNamesOfTheDocs() throws IOException {
    var near = near();
    near.put("a", "1");
    near.get("a");
    near.get("a");
    near.get("absent");
    MeterRegistry registry = new SimpleMeterRegistry();
    new CarafeNearMetrics(near, "pages", Tags.of("zone", "a")).bindTo(registry);
    for (String result : List.of("near", "far", "miss")) {
      assertEquals(
          1,
          registry
              .get("carafe.near.gets")
              .tags("cache", "pages", "zone", "a", "result", result)
              .functionCounter()
              .count());
    }
    assertEquals(1, registry.get("carafe.near.connected").gauge().value());
    String names =
        registry.getMeters().stream()
            .map(meter -> meter.getId().getName())
            .distinct()
            .sorted()
            .collect(Collectors.joining("\n"));
    String documented =
        Files.readAllLines(Path.of("..", "..", "docs", "NEAR.md")).stream()
            .filter(line -> line.startsWith("| `carafe.near."))
            .map(line -> line.split("`", 3)[1])
            .collect(Collectors.joining("\n"));
    assertEquals(names, documented);
  }

  @Test
  void broadcastAnnouncesPrefixes() throws Exception {
    var near = near(builder -> builder.broadcast("user:", "page:"));
    other.set("user:1", "1");
    assertEquals("1", near.get("user:1"));
    assertEquals("1", near.get("user:1"));
    other.set("user:1", "2");
    eventually("the value 2", () -> "2".equals(near.get("user:1")));
    var failure = assertThrows(IllegalArgumentException.class, () -> near.get("order:1"));
    assertEquals(
        "key order:1 begins with none of the prefixes [user:, page:], so its changes would not be"
            + " announced",
        failure.getMessage());
    other.flushall();
    eventually("no value", () -> near.get("user:1") == null);
    try (var all =
        CarafeNearCache.newBuilder(server.uri(), StringCodec.UTF8)
            .near(Carafe.newBuilder().memory(1 << 20))
            .broadcast()
            .build()) {
      other.set("x", "1");
      assertEquals("1", all.get("x"));
      other.set("x", "2");
      eventually("the value 2", () -> "2".equals(all.get("x")));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> near(builder -> builder.broadcast("user:", "user:1:")));
    assertThrows(IllegalArgumentException.class, () -> near(builder -> builder.broadcast("")));
  }

  @Test
  void aCacheOfAStoreAndCodecsOfCarafe() {
    try (CarafeStore store =
        CarafeStore.newBuilder().memory(1 << 20).file(folder.resolve("store"), 16 << 20).build()) {
      for (int run = 1; run <= 2; run++) {
        try (var near =
            CarafeNearCache.newBuilder(server.uri(), Codec.int64(), Codec.utf8())
                .near(store, "names")
                .build()) {
          near.put(1L, "Ada");
          assertEquals("Ada", near.get(1L));
          assertEquals(Map.of(1L, "Ada"), near.getAll(List.of(1L, 2L, 1L)));
        }
      }
      assertTrue(store.cacheNames().contains("names"));
    }
  }

  @Test
  void wrongUseIsRefused() {
    var builder = CarafeNearCache.newBuilder(server.uri(), StringCodec.UTF8);
    assertThrows(IllegalStateException.class, builder::build);
    builder.maxLag(Duration.ofSeconds(1));
    assertThrows(IllegalStateException.class, () -> builder.maxLag(Duration.ofSeconds(1)));
    assertThrows(IllegalArgumentException.class, () -> builder.keyPrefix(""));
    assertThrows(
        IllegalArgumentException.class, () -> builder.staleIfDisconnected(Duration.ofNanos(5)));
    var near = near();
    assertThrows(IllegalStateException.class, near::invalidateAll); // there is no prefix
    near.close();
    near.close();
    assertThrows(IllegalStateException.class, () -> near.get("a"));
    assertThrows(IllegalStateException.class, () -> near.put("a", "1"));
    RedisURI unreachable = RedisURI.create("127.0.0.1", 1);
    assertThrows(
        RedisConnectionException.class,
        () ->
            CarafeNearCache.newBuilder(unreachable, StringCodec.UTF8)
                .near(Carafe.newBuilder().memory(1 << 20))
                .build());
  }
}
