package dev.carafe.contenders.near;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.lettuce.core.RedisClient;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.CacheFrontend;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Lettuce's {@link ClientSideCaching} over a map. */
final class LettuceNearClient implements NearClient {
  private final RedisClient client;
  private final StatefulRedisConnection<String, byte[]> connection;
  private final CountedMap near;
  private final CacheFrontend<String, byte[]> cached;

  private LettuceNearClient(NearSizing sizing, ConcurrentMap<String, byte[]> map) {
    this.client = Lettuce.client(sizing.port());
    this.connection = client.connect(Lettuce.CODEC);
    this.near = new CountedMap(map, new LongAdder());
    this.cached = ClientSideCaching.enable(near, connection, TrackingArgs.Builder.enabled());
  }

  static LettuceNearClient bounded(NearSizing sizing) {
    int entryBytes = sizing.entryBytes();
    return new LettuceNearClient(
        sizing,
        Caffeine.newBuilder()
            .maximumWeight(sizing.memoryBytes())
            .weigher((String key, byte[] value) -> entryBytes)
            .<String, byte[]>build()
            .asMap());
  }

  static LettuceNearClient unbounded(NearSizing sizing) {
    return new LettuceNearClient(sizing, new ConcurrentHashMap<>());
  }

  /** A map that counts hits. */
  private record CountedMap(ConcurrentMap<String, byte[]> map, LongAdder hits)
      implements CacheAccessor<String, byte[]> {
    @Override
    public byte @Nullable [] get(String key) {
      byte[] value = map.get(key);
      if (value != null) {
        hits.increment();
      }
      return value;
    }

    @Override
    public void put(String key, byte[] value) {
      map.put(key, value);
    }

    @Override
    public void evict(String key) {
      map.remove(key);
    }
  }

  @Override
  public byte @Nullable [] get(long key) {
    return cached.get(NearClient.name(key));
  }

  @Override
  public byte @Nullable [] getFromServer(long key) {
    return connection.sync().get(NearClient.name(key));
  }

  /** Also removes the value here: the announcement may arrive after the answer. */
  @Override
  public void put(long key, byte[] value) {
    String name = NearClient.name(key);
    var _ = connection.sync().set(name, value);
    near.evict(name);
  }

  @Override
  public long nearHits() {
    return near.hits.sum();
  }

  @Override
  public void close() {
    cached.close();
    Lettuce.close(client);
  }
}
