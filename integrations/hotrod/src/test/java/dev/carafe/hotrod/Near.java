package dev.carafe.hotrod;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import java.nio.file.Path;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.infinispan.client.hotrod.configuration.ConfigurationBuilder;
import org.infinispan.client.hotrod.configuration.NearCacheMode;

/** A client with a near cache. */
final class Near implements AutoCloseable {
  final CarafeNearCacheFactory<String, String> factory;
  final RemoteCacheManager manager;
  final RemoteCache<String, String> cache;

  private Near(ConfigurationBuilder client, CarafeBuilder<Object, Object> near) {
    this.factory = CarafeNearCacheFactory.newBuilder(Codec.utf8(), Codec.utf8()).near(near).build();
    client
        .remoteCache(Server.CACHE)
        .nearCacheMode(NearCacheMode.INVALIDATED)
        .nearCacheMaxEntries(-1)
        .nearCacheFactory(factory);
    client.maxRetries(10).socketTimeout(5_000).connectionTimeout(5_000);
    this.manager = new RemoteCacheManager(client.build());
    this.cache = manager.getCache(Server.CACHE);
  }

  static Near inMemory(Server server) {
    return new Near(server.nearClient(), Carafe.newBuilder().memory(1 << 20));
  }

  /** A near cache mostly in a file. */
  static Near inFile(Server server, Path file) {
    return inFile(server.nearClient(), file);
  }

  /** As {@link #inFile(Server, Path)}, for a server of another process. */
  static Near inFile(ConfigurationBuilder client, Path file) {
    return new Near(client, Carafe.newBuilder().memory(64 << 10).file(file, 16 << 20));
  }

  NearStats stats() {
    return factory.stats();
  }

  @Override
  public void close() {
    manager.close();
    factory.close();
  }
}
