package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.opentest4j.TestAbortedException;
import redis.embedded.RedisServer;

/** A Redis server of tests, and a client of it. */
final class RedisForTests implements AutoCloseable {
  private final RedisServer process;
  private final RedisClient client;
  private final String address;
  final RedisCommands<String, String> commands;

  RedisForTests(Path folder) {
    try {
      int port = freePort();
      process =
          RedisServer.newRedisServer()
              .port(port)
              .bind("127.0.0.1")
              .setting("dir " + folder)
              .setting("save \"\"")
              .build();
      process.start();
      address = "redis://127.0.0.1:" + port + "?timeout=20s";
    } catch (IOException | RuntimeException e) {
      throw new TestAbortedException(
          "the Redis server of com.github.codemonstur:embedded-redis does not start here: " + e);
    }
    client = RedisClient.create(address);
    commands = client.connect().sync();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  String address() {
    return address;
  }

  /** Ends all connections that track keys. */
  int killTracking() {
    int killed = 0;
    for (String line : commands.clientList().lines().toList()) {
      if (line.contains(" flags=t")) {
        String id = line.substring("id=".length(), line.indexOf(' '));
        killed += commands.clientKill(KillArgs.Builder.id(Long.parseLong(id))).intValue();
      }
    }
    return killed;
  }

  /** Waits up to 20 seconds for a condition. */
  static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not within 20 s: " + what);
      LockSupport.parkNanos(1_000_000);
    }
  }

  void stop() {
    try {
      process.stop();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    client.shutdown();
    stop();
  }
}
