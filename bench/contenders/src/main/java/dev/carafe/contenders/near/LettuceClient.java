package dev.carafe.contenders.near;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import org.jspecify.annotations.Nullable;

/** Lettuce without a near cache: each read is a round trip. */
final class LettuceClient implements NearClient {
  private final RedisClient client;
  private final RedisCommands<String, byte[]> commands;

  LettuceClient(NearSizing sizing) {
    this.client = Lettuce.client(sizing.port());
    this.commands = client.connect(Lettuce.CODEC).sync();
  }

  @Override
  public byte @Nullable [] get(long key) {
    return commands.get(NearClient.name(key));
  }

  @Override
  public byte @Nullable [] getFromServer(long key) {
    return get(key);
  }

  @Override
  public void put(long key, byte[] value) {
    var _ = commands.set(NearClient.name(key), value);
  }

  @Override
  public void close() {
    Lettuce.close(client);
  }
}
