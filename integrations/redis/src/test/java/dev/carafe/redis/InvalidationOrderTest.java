package dev.carafe.redis;

import static dev.carafe.redis.testing.RedisForTests.eventually;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.redis.testing.RedisForTests;
import dev.carafe.spi.KeyBytes;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.protocol.ProtocolVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each order of the steps of a read and an invalidation, one step at a time. */
class InvalidationOrderTest {
  private static final long TIMEOUT = TimeUnit.SECONDS.toNanos(20);

  private final Epoch epoch = new Epoch();
  private final Epoch later = new Epoch();
  private final KeyBytes key = new KeyBytes("a".getBytes(StandardCharsets.UTF_8));
  private final NearTier tier =
      new NearTier(
          Carafe.newBuilder()
              .keyCodec(Codec.bytes())
              .valueCodec(new NearValue.ValueCodec())
              .memory(1 << 20)
              .expireAfter(NearTier.expiry())
              .build(),
          TIMEOUT);

  @AfterEach
  void close() {
    tier.close();
  }

  private static Reply value(int version) {
    return new Reply(new byte[] {(byte) version}, false, NearValue.NEVER);
  }

  @Test
  void anInvalidationAfterTheStoreRemovesTheValue() {
    Fetch fetch = new Fetch(key, epoch);
    assertSame(fetch, tier.begin(fetch));
    tier.finish(fetch, value(1));
    assertArrayEquals(new byte[] {1}, present(tier.find(key)).bytes());
    tier.invalidate(key);
    assertNull(tier.find(key));
  }

  @Test
  void anInvalidationDuringTheReadWins() {
    Fetch first = new Fetch(key, epoch);
    tier.begin(first);
    tier.invalidate(key);
    Fetch second = new Fetch(key, epoch);
    assertSame(second, tier.begin(second), "a later reader waits for a read from before");
    tier.finish(first, value(1));
    assertNull(tier.find(key));
    tier.finish(second, value(2));
    tier.finish(first, value(1));
    assertArrayEquals(new byte[] {2}, present(tier.find(key)).bytes());
  }

  /** Their values may be older than what the reader was promised. */
  @Test
  void readsOfAnotherEpochOrFromLongAgoAreNotJoined() {
    Fetch first = new Fetch(key, epoch);
    assertSame(first, tier.begin(first));
    assertSame(first, tier.begin(new Fetch(key, epoch)));
    Fetch second = new Fetch(key, later);
    assertSame(second, tier.begin(second));
    tier.finish(first, value(1));
    assertNull(tier.find(key));
    Fetch late = new Fetch(key, later, second.since() + TIMEOUT + 1, second.result());
    assertSame(late, tier.begin(late));
    tier.finish(late, value(2));
    assertArrayEquals(new byte[] {2}, present(tier.find(key)).bytes());
  }

  /** Returns a value of an earlier epoch, which the server has as well. */
  private NearValue putInEarlierEpoch() {
    Fetch old = new Fetch(key, epoch);
    tier.begin(old);
    tier.finish(old, value(1));
    return present(tier.find(key));
  }

  @Test
  void anInvalidationDuringAComparisonWins() {
    NearValue known = putInEarlierEpoch();
    Fetch first = new Fetch(key, later);
    tier.begin(first);
    tier.invalidate(key);
    tier.confirm(first, known, new Reply(known.bytes(), true, NearValue.NEVER));
    assertFalse(later.believes(known));
    Fetch second = new Fetch(key, later);
    tier.begin(second); // the earlier comparison ends while another one is under way
    tier.confirm(first, known, new Reply(known.bytes(), true, NearValue.NEVER));
    assertFalse(later.believes(known));
    tier.abandon(second);
    tier.confirm(second, known, new Reply(known.bytes(), true, NearValue.NEVER));
    assertFalse(later.believes(known));
  }

  @Test
  void anInvalidationAfterAComparisonRemovesTheValue() {
    NearValue known = putInEarlierEpoch();
    Fetch first = new Fetch(key, later);
    tier.begin(first);
    tier.confirm(first, known, new Reply(known.bytes(), true, NearValue.NEVER));
    assertTrue(later.believes(present(tier.find(key))));
    tier.invalidate(key);
    assertNull(tier.find(key));
    Fetch late = new Fetch(key, epoch);
    tier.begin(late);
    tier.finish(late, value(1)); // the same bytes, of the epoch that is over
    assertFalse(later.believes(present(tier.find(key))));
  }

  @Test
  void anAbandonedReadStoresNothing() {
    Fetch first = new Fetch(key, epoch);
    tier.begin(first);
    tier.abandon(first);
    tier.finish(first, value(1));
    assertNull(tier.find(key));
    Fetch second = new Fetch(key, epoch);
    assertSame(second, tier.begin(second));
  }

  @Test
  void aLoadEndsWithAnInvalidation() {
    Load load = new Load(Thread.currentThread());
    assertSame(load, tier.beginLoad(key, load));
    List<String> sent = new ArrayList<>();
    assertTrue(tier.sendLoaded(key, load, () -> sent.add("before")));
    tier.invalidate(key);
    assertFalse(tier.sendLoaded(key, load, () -> sent.add("after")));
    assertEquals(List.of("before"), sent);
  }

  /** The server's answer waits here for its reader while the server announces a change. */
  @Test
  void anAnnouncementBeforeTheAnswerIsUsedWins(@TempDir Path folder) {
    try (RedisForTests server = new RedisForTests(folder);
        var connection = server.connect()) {
      var other = connection.sync();
      RedisClient client = RedisClient.create();
      client.setOptions(
          ClientOptions.builder()
              .protocolVersion(ProtocolVersion.RESP3)
              .autoReconnect(false)
              .build());
      Invalidations invalidations = new Invalidations(tier, null);
      try (Links links =
          new Links(client, server.uri(), Prefixes.READ_KEYS.tracking(), invalidations)) {
        links.open(TIMEOUT);
        Link link = links.await(System.nanoTime() + TIMEOUT);
        other.set("a", "1");
        PendingRead read = new PendingRead(key, null);
        send(read, link);
        eventually("it arrives", read::isAnswered);
        other.set("a", "2");
        eventually("it arrives", () -> invalidations.keys() == 1);
        long deadline = System.nanoTime() + TIMEOUT;
        read.finish(tier, deadline, new Counters());
        assertArrayEquals(new byte[] {'1'}, read.await(deadline));
        assertNull(tier.find(key), "kept although a change was announced");
        // A flush: the value is stored under an epoch that is over.
        PendingRead again = new PendingRead(key, null);
        send(again, link);
        eventually("it arrives", again::isAnswered);
        other.flushall();
        eventually("it arrives", () -> invalidations.flushes() == 1);
        again.finish(tier, deadline, new Counters());
        assertFalse(link.epoch().believes(present(tier.find(key))));
      }
    }
  }

  private void send(PendingRead read, Link link) {
    ReadBatch batch = link.batch();
    read.begin(tier, batch);
    batch.send();
  }

  private static NearValue present(@Nullable NearValue value) {
    return Objects.requireNonNull(value);
  }
}
