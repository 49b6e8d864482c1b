package dev.carafe.redis.testing;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;
import redis.embedded.RedisServer;

/** A Redis server of a test, which keeps its data over a restart, and a client of it. */
public final class RedisForTests implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final RedisServer process;
  private final int port;
  private final RedisClient client;
  private final RedisCommands<String, String> commands;

  /**
   * Starts a server on a free port. The test is skipped if it does not start.
   *
   * @param folder where the server keeps its data; it is created
   */
  public RedisForTests(Path folder) {
    List<String> output = new CopyOnWriteArrayList<>();
    try {
      this.port = freePort();
      this.process =
          RedisServer.newRedisServer()
              .port(port)
              .bind(HOST)
              .setting("dir " + Files.createDirectories(folder))
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
    this.commands = connect().sync();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** {@return the address of the server, with a timeout of 20 s} */
  public RedisURI uri() {
    return RedisURI.builder().withHost(HOST).withPort(port).withTimeout(TIMEOUT).build();
  }

  /** {@return the address of the server as text, with a timeout of 20 s} */
  public String address() {
    return "redis://" + HOST + ":" + port + "?timeout=" + TIMEOUT.toSeconds() + "s";
  }

  /** {@return the commands of a client that connects again by itself} */
  public RedisCommands<String, String> commands() {
    return commands;
  }

  /** {@return another connection of that client} */
  public StatefulRedisConnection<String, String> connect() {
    return client.connect();
  }

  /** {@return the number of connections that track keys; all of them are ended} */
  public int killTracking() {
    return killTracking(commands);
  }

  /**
   * Ends all connections that track keys.
   *
   * @param commands of a client
   * @return the number of these connections
   */
  public static int killTracking(RedisCommands<String, String> commands) {
    int killed = 0;
    for (String line : commands.clientList().lines().toList()) {
      if (line.contains(" flags=t") || line.contains(" flags=B")) {
        String id = line.substring("id=".length(), line.indexOf(' '));
        killed += commands.clientKill(KillArgs.Builder.id(Long.parseLong(id))).intValue();
      }
    }
    return killed;
  }

  /** Ends the process of the server. */
  public void stop() {
    try {
      process.stop();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the process again, with its data. */
  public void start() {
    try {
      process.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits up to 20 seconds for a condition.
   *
   * @param what the condition in words
   * @param condition is called again and again
   */
  public static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionFailedError("not within 20 s: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    client.shutdown();
    stop();
  }
}
