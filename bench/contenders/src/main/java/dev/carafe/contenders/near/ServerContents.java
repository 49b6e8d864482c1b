package dev.carafe.contenders.near;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;

/** Writes the values of the server, many at a time. Used by one thread. */
public final class ServerContents implements AutoCloseable {
  /** The key of {@link Layout#HASH}. */
  static final String HASH = "values";

  private static final int UNDER_WAY = 512;

  private final RedisClient client;
  private final RedisAsyncCommands<String, byte[]> commands;
  private final Layout layout;
  private final Deque<CompletionStage<?>> pending = new ArrayDeque<>();

  /**
   * Connects.
   *
   * @param port the port of the server
   * @param layout how the server keeps the values
   */
  public ServerContents(int port, Layout layout) {
    this.client = Lettuce.client(port);
    StatefulRedisConnection<String, byte[]> connection = client.connect(Lettuce.CODEC);
    this.commands = connection.async();
    this.layout = layout;
  }

  /** Deletes all that the server has. */
  public void clear() {
    pending.add(commands.flushall());
    await(0);
  }

  /**
   * Writes a value. It may be under way when this method returns.
   *
   * @param key the number of the key
   * @param value the value, which is not changed afterwards
   */
  public void put(long key, byte[] value) {
    String name = NearClient.name(key);
    pending.add(
        layout == Layout.HASH ? commands.hset(HASH, name, value) : commands.set(name, value));
    await(UNDER_WAY);
  }

  private void await(int most) {
    while (pending.size() > most) {
      var _ = pending.remove().toCompletableFuture().join();
    }
  }

  /** Waits for all values, and disconnects. */
  @Override
  public void close() {
    try {
      await(0);
    } finally {
      Lettuce.close(client);
    }
  }
}
