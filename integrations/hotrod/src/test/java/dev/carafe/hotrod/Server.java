package dev.carafe.hotrod;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.infinispan.client.hotrod.configuration.ClientIntelligence;
import org.infinispan.client.hotrod.configuration.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.server.hotrod.HotRodServer;
import org.infinispan.server.hotrod.configuration.HotRodServerConfigurationBuilder;

/** A Hot Rod server of a test, with a cache {@code c} on the heap, behind a {@link Proxy}. */
final class Server implements AutoCloseable {
  static final String CACHE = "c";

  private DefaultCacheManager manager;
  private HotRodServer server;
  private final int port;

  /** Through which the near caches are connected. */
  final Proxy proxy;

  Server() {
    this.manager = manager();
    this.server = start(manager, 0);
    this.port = server.getTransport().getPort();
    this.proxy = new Proxy(port);
  }

  private static DefaultCacheManager manager() {
    GlobalConfigurationBuilder global = new GlobalConfigurationBuilder();
    global.nonClusteredDefault();
    global.metrics().gauges(false).histograms(false);
    DefaultCacheManager manager = new DefaultCacheManager(global.build());
    var cache = new org.infinispan.configuration.cache.ConfigurationBuilder();
    cache.encoding().mediaType("application/x-protostream");
    manager.defineConfiguration(CACHE, cache.build());
    return manager;
  }

  private static HotRodServer start(DefaultCacheManager manager, int port) {
    HotRodServer server = new HotRodServer();
    HotRodServerConfigurationBuilder configuration = new HotRodServerConfigurationBuilder();
    configuration.host("127.0.0.1").port(port).ioThreads(2);
    server.start(configuration.build(), manager);
    server.postStart();
    return server;
  }

  /** Stops to serve. The cache is kept. */
  void stop() {
    server.stop();
  }

  /** Serves again, at the same port. */
  void start() {
    server = start(manager, port);
  }

  /** Stops, loses all entries, and serves again. */
  void restartEmpty() {
    stop();
    manager.stop();
    manager = manager();
    start();
  }

  /** Removes all entries, as an application in the server does. */
  void clear() {
    manager.getCache(CACHE).clear();
  }

  /** The configuration of a client whose connections can be cut. */
  ConfigurationBuilder nearClient() {
    return client(proxy.port());
  }

  /** The configuration of a client of its own connection. */
  ConfigurationBuilder otherClient() {
    return client(port);
  }

  static ConfigurationBuilder client(int port) {
    ConfigurationBuilder client = new ConfigurationBuilder();
    client.addServer().host("127.0.0.1").port(port);
    // It does not ask the server for addresses, so that it stays behind the proxy.
    client.clientIntelligence(ClientIntelligence.BASIC);
    client
        .asyncExecutorFactory()
        .addExecutorProperty("infinispan.client.hotrod.default_executor_factory.pool_size", "4");
    return client;
  }

  static void eventually(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, () -> "not within 20 s: " + what);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    proxy.close();
    server.stop();
    manager.stop();
  }
}
