package dev.carafe.contenders.near;

import dev.carafe.Carafe;
import dev.carafe.redis.CarafeNearCache;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Carafe's near cache, with its default settings. */
final class CarafeNearClient implements NearClient {
  private static final int BATCH = 256;

  private final CarafeNearCache<String, byte[]> cache;
  private final RedisClient client;
  private final RedisCommands<String, byte[]> commands;

  CarafeNearClient(NearSizing sizing) {
    this.cache =
        CarafeNearCache.newBuilder(Lettuce.uri(sizing.port()), Lettuce.CODEC)
            .near(
                Carafe.newBuilder()
                    .memory(sizing.memoryBytes())
                    .file(sizing.file(), sizing.fileBytes()))
            .build();
    this.client = Lettuce.client(sizing.port());
    this.commands = client.connect(Lettuce.CODEC).sync();
  }

  @Override
  public byte @Nullable [] get(long key) {
    return cache.get(NearClient.name(key));
  }

  @Override
  public byte @Nullable [] getFromServer(long key) {
    return commands.get(NearClient.name(key));
  }

  @Override
  public void put(long key, byte[] value) {
    cache.put(NearClient.name(key), value);
  }

  @Override
  public void preload(int keys) {
    List<String> batch = new ArrayList<>();
    for (int key = 0; key < keys; key++) {
      batch.add(NearClient.name(key));
      if (batch.size() == BATCH || key == keys - 1) {
        var _ = cache.getAll(batch);
        batch.clear();
      }
    }
  }

  @Override
  public long nearHits() {
    return cache.stats().nearHits();
  }

  @Override
  public long confirmedHits() {
    return cache.stats().confirmedHits();
  }

  @Override
  public void close() {
    cache.close();
    Lettuce.close(client);
  }
}
