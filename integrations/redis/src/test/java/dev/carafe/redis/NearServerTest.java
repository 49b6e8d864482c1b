package dev.carafe.redis;

import dev.carafe.Carafe;
import dev.carafe.redis.testing.RedisForTests;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server, another client of it, and near caches that are closed after each test. */
abstract class NearServerTest {
  static final String LONG = "a long value. ".repeat(100);

  @TempDir static Path serverFolder;

  static RedisForTests server;
  static RedisCommands<String, String> other;

  @TempDir Path folder;
  final List<AutoCloseable> open = new ArrayList<>();

  @BeforeAll
  static void start() {
    server = new RedisForTests(serverFolder);
    other = server.commands();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void empty() {
    other.flushall();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  /** Opens a near cache that compares no values before they are read. */
  final CarafeNearCache<String, String> near() {
    return near(builder -> builder.compareAhead(0));
  }

  final CarafeNearCache<String, String> near(
      UnaryOperator<CarafeNearCacheBuilder<String, String>> settings) {
    var builder =
        CarafeNearCache.newBuilder(server.uri(), StringCodec.UTF8)
            .near(
                Carafe.newBuilder().memory(1 << 20).file(folder.resolve("near.carafe"), 16 << 20));
    CarafeNearCache<String, String> near = settings.apply(builder).build();
    open.add(near);
    return near;
  }

  static void command(CommandType type, String... arguments) {
    var output = new StatusOutput<>(StringCodec.UTF8);
    other.dispatch(type, output, new CommandArgs<>(StringCodec.UTF8).addKeys(arguments));
  }
}
