package dev.carafe.redis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.opentest4j.TestAbortedException;
import redis.embedded.RedisServer;

/** A Redis server of a test, which keeps its data over a restart, and a client of it. */
final class Server implements AutoCloseable {
  private final RedisServer process;
  private final int port;
  private final RedisClient client;

  Server(Path folder) {
    this.port = freePort();
    List<String> output = new CopyOnWriteArrayList<>();
    try {
      this.process =
          RedisServer.newRedisServer()
              .port(port)
              .bind("127.0.0.1")
              .setting("dir " + folder)
              .setting("save \"\"")
              .setting("appendonly yes")
              .soutListener(output::add)
              .serrListener(output::add)
              .build();
      process.start();
    } catch (IOException | RuntimeException e) {
      throw new TestAbortedException(
          "the Redis server of com.github.codemonstur:embedded-redis does not start here: "
              + e
              + output);
    }
    this.client = RedisClient.create(uri());
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RedisURI uri() {
    return RedisURI.builder()
        .withHost("127.0.0.1")
        .withPort(port)
        .withTimeout(Duration.ofSeconds(20))
        .build();
  }

  /** Another client of the server, which connects again by itself. */
  StatefulRedisConnection<String, String> connect() {
    return client.connect();
  }

  /** Ends all connections that track keys. */
  static int killTracking(RedisCommands<String, String> commands) {
    int killed = 0;
    for (String line : commands.clientList().lines().toList()) {
      if (line.contains(" flags=t") || line.contains(" flags=B")) {
        String id = line.substring("id=".length(), line.indexOf(' '));
        killed += commands.clientKill(KillArgs.Builder.id(Long.parseLong(id))).intValue();
      }
    }
    return killed;
  }

  void stop() {
    try {
      process.stop();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void start() {
    try {
      process.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits up to 20 seconds for a condition. */
  static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not within 20 s: " + what);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    client.shutdown();
    stop();
  }
}
