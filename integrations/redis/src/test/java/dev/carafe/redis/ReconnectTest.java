package dev.carafe.redis;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.redis.testing.RedisForTests;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Connections that are lost, a server that stops or hangs, and a file from before. */
class ReconnectTest extends NearServerTest {
  @Test
  void afterALossOnlyChangedValuesAreFetched() throws Exception {
    other.set("same", LONG);
    other.set("changed", LONG + "1");
    other.set("gone", LONG);
    other.set("short", "1");
    var near = near();
    List<String> keys = List.of("same", "changed", "gone", "short");
    assertEquals(4, near.getAll(keys).size());
    RedisForTests.killTracking(other);
    other.set("changed", LONG + "2");
    other.del("gone");
    eventually("another connection", () -> near.stats().losses() == 1 && near.stats().connected());
    Map<String, String> expected = Map.of("same", LONG, "changed", LONG + "2", "short", "1");
    assertEquals(expected, near.getAll(keys));
    assertEquals(2, near.stats().unchanged());
    assertEquals(2, near.stats().changed());
    long hits = near.stats().nearHits();
    assertEquals(expected, near.getAll(expected.keySet()));
    assertEquals(hits + 3, near.stats().nearHits());
    other.set("same", "2"); // a compared value is tracked
    eventually("the change", () -> "2".equals(near.get("same")));
  }

  @Test
  void afterARestartValuesAreComparedAndKept() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      keys.add("k" + i);
      other.set("k" + i, LONG + i);
    }
    try (var near = near()) {
      assertEquals(200, near.getAll(keys).size());
    }
    other.set("k7", "changed");
    other.del("k8");
    var near = near();
    Map<String, String> all = near.getAll(keys);
    assertEquals(199, all.size());
    assertEquals("changed", all.get("k7"));
    assertEquals(LONG + 9, all.get("k9"));
    assertEquals(198, near.stats().unchanged());
    assertEquals(2, near.stats().changed());
  }

  @Test
  void theTierCanBeEmptied() throws Exception {
    other.set("a", LONG);
    try (var near = near()) {
      assertEquals(LONG, near.get("a"));
    }
    var near = near(CarafeNearCacheBuilder::emptyOnReconnect);
    eventually("it is empty", () -> near.near().estimatedSize() == 0);
    assertEquals(LONG, near.get("a"));
    assertEquals(0, near.stats().unchanged());
    RedisForTests.killTracking(other);
    eventually("a loss", () -> near.stats().losses() == 1 && near.stats().connected());
    eventually("it is empty", () -> near.near().estimatedSize() == 0);
    assertEquals(LONG, near.get("a"));
  }

  @Test
  void withoutScriptsValuesAreFetched() throws Exception {
    other.set("a", LONG);
    command(CommandType.ACL, "SETUSER", "plain", "on", ">secret", "~*", "+@all", "-@scripting");
    RedisURI uri = server.uri();
    uri.setCredentialsProvider(
        RedisCredentialsProvider.from(() -> RedisCredentials.just("plain", "secret")));
    var near =
        CarafeNearCache.newBuilder(uri, StringCodec.UTF8)
            .near(Carafe.newBuilder().memory(1 << 20))
            .compareAhead(0)
            .build();
    open.add(near);
    assertEquals(LONG, near.get("a"));
    RedisForTests.killTracking(other);
    eventually("a loss", () -> near.stats().losses() == 1 && near.stats().connected());
    assertEquals(LONG, near.get("a"));
    assertEquals(1, near.stats().unchanged());
    assertEquals(LONG, near.get("a"));
    assertEquals(1, near.stats().nearHits());
  }

  @Test
  void staleValuesAreServedWhereTheyMayBe() throws Exception {
    other.set("a", LONG);
    var near = near(builder -> builder.staleIfDisconnected(Duration.ofHours(1)));
    assertEquals(LONG, near.get("a"));
    server.stop();
    try {
      assertEquals(LONG, near.get("a"));
      eventually("a stale hit", () -> LONG.equals(near.get("a")) && near.stats().staleHits() > 0);
    } finally {
      server.start();
    }
    eventually("another connection", () -> near.stats().connected());
    assertEquals(LONG, near.get("a"));
    assertEquals(1, near.stats().unchanged());
  }

  @Test
  void withoutAConnectionReadsWaitAndFail() throws Exception {
    other.set("a", LONG);
    RedisURI uri = server.uri();
    uri.setTimeout(Duration.ofMillis(300));
    var near =
        CarafeNearCache.newBuilder(uri, StringCodec.UTF8)
            .near(Carafe.newBuilder().memory(1 << 20))
            .staleIfDisconnected(Duration.ofMillis(1))
            .build();
    open.add(near);
    assertEquals(LONG, near.get("a"));
    server.stop();
    try {
      eventually("a loss", () -> !near.stats().connected());
      LockSupport.parkNanos(2_000_000);
      assertThrows(RedisException.class, () -> near.get("a"));
      assertThrows(RedisException.class, () -> near.put("a", "1"));
    } finally {
      server.start();
    }
    eventually("another connection", () -> near.stats().connected());
    assertEquals(LONG, near.get("a"));
  }

  /** The server accepts commands and does not answer for a while. */
  @Test
  void aServerThatHangsIsNotBelievedAbout() throws Exception {
    other.set("a", "1");
    Duration maxLag = Duration.ofMillis(100);
    var patient = near(builder -> builder.maxLag(maxLag));
    var stale =
        CarafeNearCache.newBuilder(server.uri(), StringCodec.UTF8)
            .near(Carafe.newBuilder().memory(1 << 20))
            .maxLag(maxLag)
            .staleIfDisconnected(Duration.ofHours(1))
            .build();
    open.add(stale);
    assertEquals("1", patient.get("a"));
    assertEquals("1", stale.get("a"));
    try (var connection = server.connect()) {
      var _ =
          connection
              .async()
              .dispatch(
                  CommandType.DEBUG,
                  new StatusOutput<>(StringCodec.UTF8),
                  new CommandArgs<>(StringCodec.UTF8).addKeys("SLEEP", "1"));
      var changed = connection.async().set("a", "2");
      eventually(
          "a stale hit",
          () -> {
            stale.get("a");
            return stale.stats().staleHits() > 0 || changed.isDone();
          });
      assertTrue(stale.stats().staleHits() > 0, "it waited for the server");
      changed.get();
      LockSupport.parkNanos(maxLag.toNanos());
      assertEquals("2", patient.get("a"), "older than maxLag");
      assertEquals(0, patient.stats().losses());
    }
  }
}
