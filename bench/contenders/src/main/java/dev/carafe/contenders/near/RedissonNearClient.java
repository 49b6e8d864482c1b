package dev.carafe.contenders.near;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RLocalCachedMap;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.StringCodec;
import org.redisson.codec.CompositeCodec;
import org.redisson.config.Config;

/** Redisson's map with a local cache. */
final class RedissonNearClient implements NearClient {
  private final RedissonClient client;
  private final RLocalCachedMap<String, byte[]> map;
  private final Map<String, byte[]> near;
  private final RMap<String, byte[]> server;
  private long hits;

  RedissonNearClient(NearSizing sizing) {
    Config config = new Config();
    config.useSingleServer().setAddress("redis://" + NearSizing.HOST + ":" + sizing.port());
    this.client = Redisson.create(config);
    Codec codec = new CompositeCodec(StringCodec.INSTANCE, ByteArrayCodec.INSTANCE);
    this.map =
        client.getLocalCachedMap(
            LocalCachedMapOptions.<String, byte[]>name(ServerContents.HASH)
                .codec(codec)
                .cacheSize(sizing.entries())
                .cacheProvider(LocalCachedMapOptions.CacheProvider.CAFFEINE)
                .syncStrategy(LocalCachedMapOptions.SyncStrategy.INVALIDATE));
    this.near = map.getCachedMap();
    this.server = client.getMap(ServerContents.HASH, codec);
  }

  /** Looks into the local cache first, since Redisson does not count its hits. */
  @Override
  public byte @Nullable [] get(long key) {
    String name = NearClient.name(key);
    byte[] value = near.get(name);
    if (value != null) {
      hits++;
      return value;
    }
    return map.get(name);
  }

  @Override
  public byte @Nullable [] getFromServer(long key) {
    return server.get(NearClient.name(key));
  }

  @Override
  public void put(long key, byte[] value) {
    var _ = map.fastPut(NearClient.name(key), value);
  }

  @Override
  public long nearHits() {
    return hits;
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
