package dev.carafe.hotrod;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.infinispan.client.hotrod.MetadataValue;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.configuration.NearCacheConfiguration;
import org.infinispan.client.hotrod.near.NearCache;
import org.infinispan.client.hotrod.near.NearCacheFactory;
import org.infinispan.commons.marshall.Marshaller;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the values of one {@code RemoteCache} of Infinispan's Hot Rod client in the memory and the
 * file of a {@link Carafe}, in place of the client's map on the heap. It is given to the
 * configuration of that cache:
 *
 * {@snippet :
 * var near = CarafeNearCacheFactory.newBuilder(Codec.utf8(), Codec.bytes())
 *     .near(CarafeBuilder.from("memory=64m,file=/var/lib/app/pages.carafe,fileSize=1g"))
 *     .build();
 * var configuration = new ConfigurationBuilder();
 * configuration.addServer().host("localhost");
 * configuration.remoteCache("pages")
 *     .nearCacheMode(NearCacheMode.INVALIDATED)
 *     .nearCacheMaxEntries(-1)
 *     .nearCacheFactory(near);
 * }
 *
 * <p>The server sends an event for each change, and the client removes the value here. An event
 * that arrives while its key is read wins: the value that is being read is not kept. When the
 * connection of the client's listener is lost, or the process was restarted, values are unverified:
 * each is read from the server again when it is used first, unless {@link #revalidate} has found
 * that it is the server's.
 *
 * <p><b>What the client's own near cache does otherwise.</b> Between the loss of a connection and
 * the registration of its listener on the next one, the client keeps what it reads, and then serves
 * it although changes in between were not announced. It never keeps a key again whose read failed
 * once. It keeps values longer than the server does if the event of their expiry is late. This
 * class has none of these.
 *
 * <p><b>The SPI.</b> {@code org.infinispan.client.hotrod.near} is public, but Infinispan does not
 * document it, and its packages of implementation decide how it is called. This class was written
 * and tested for version 16.0.12.
 *
 * <p><b>Threads.</b> Thread-safe. Reads of near values happen on the thread of the caller, also in
 * {@code getAsync}. Removals happen on threads of the client; like a removal from a Carafe, each
 * waits while the file has no free extent.
 *
 * @param <K> the keys of the remote cache
 * @param <V> its values
 */
public final class CarafeNearCacheFactory<K, V> implements NearCacheFactory, AutoCloseable {
  private final Translation<K> keys;
  private final Translation<V> values;
  private final Carafe<byte[], NearEntry> carafe;
  private final Counters counters = new Counters();
  private @Nullable NearTier current;
  private boolean isClosed;

  CarafeNearCacheFactory(
      Translation<K> keys, Translation<V> values, Carafe<byte[], NearEntry> carafe) {
    this.keys = keys;
    this.values = values;
    this.carafe = carafe;
  }

  /**
   * Starts a factory with codecs of Carafe.
   *
   * @param keys the codec of the keys that the application passes to the remote cache
   * @param values the codec of the values that it gets
   * @param <K> keys
   * @param <V> values
   * @return a builder
   */
  public static <K, V> CarafeNearCacheFactoryBuilder<K, V> newBuilder(
      Codec<K> keys, Codec<V> values) {
    return new CarafeNearCacheFactoryBuilder<>(keys, values);
  }

  /**
   * Starts a factory with a marshaller of Infinispan.
   *
   * @param marshaller of keys and values; it must give equal bytes for equal keys
   * @param <K> keys
   * @param <V> values
   * @return a builder
   */
  public static <K, V> CarafeNearCacheFactoryBuilder<K, V> newBuilder(Marshaller marshaller) {
    return new CarafeNearCacheFactoryBuilder<>(marshaller);
  }

  /**
   * Called by the client when it starts the remote cache. Values of an earlier call are unverified.
   * Of two near caches of one factory, each replaces the values of the other: every remote cache
   * needs its own factory.
   *
   * @throws IllegalArgumentException if the configuration has a Bloom filter, with which tests
   *     found old values after a connection was lost (16.0.12)
   * @throws IllegalStateException if the factory is closed
   */
  @Override
  @SuppressWarnings("unchecked")
  public synchronized <K1, V1> NearCache<K1, V1> createNearCache(
      NearCacheConfiguration config, BiConsumer<K1, MetadataValue<V1>> removedConsumer) {
    if (isClosed) {
      throw new IllegalStateException("the factory of near caches is closed");
    }
    if (config.bloomFilter()) {
      throw new IllegalArgumentException(
          "nearCacheUseBloomFilter is true, must be false: with a Bloom filter, changes can stay"
              + " unannounced after a connection was lost");
    }
    NearTier tier = new NearTier(carafe, counters);
    current = tier;
    return (NearCache<K1, V1>) new HotRodNearCache<>(keys, values, tier);
  }

  /**
   * Asks the server which values of the near tier are current: after a start with a file of an
   * earlier process, and from then on after each loss of the connection, on a thread of its own.
   * Until the answer is complete, and without this method, such values are read again when they are
   * used first.
   *
   * <p>The server sends the key and the version of each entry of its cache, without the value, to a
   * listener that is registered for this time. It is for caches that are near in a good part: the
   * server reads all its entries, also from its stores. It is for servers of 15.0.17 or later,
   * which give each write by Hot Rod a random version; older ones count versions anew after each
   * start. Entries that other endpoints have written have none, and are read again.
   *
   * @param cache the remote cache that was configured with this factory; other ones verify nothing
   * @param mostVersions that are remembered, in 16 to 32 bytes of the heap each; the values of
   *     further ones are read again
   * @return the number of versions that are remembered; 0 if the connection is lost at the time
   * @throws IllegalArgumentException if {@code mostVersions} is not between 1 and 2<sup>28</sup>
   * @throws IllegalStateException if the client has not called {@link #createNearCache}
   * @throws org.infinispan.client.hotrod.exceptions.HotRodClientException if the server refuses, or
   *     does not answer
   */
  public int revalidate(RemoteCache<K, V> cache, int mostVersions) {
    Objects.requireNonNull(cache, "cache");
    if (mostVersions < 1 || mostVersions > 1 << 28) {
      throw new IllegalArgumentException(
          "mostVersions is " + mostVersions + ", must be between 1 and " + (1 << 28));
    }
    return tier().revalidate(new Revalidation(cache, mostVersions));
  }

  private synchronized NearTier tier() {
    if (current == null) {
      throw new IllegalStateException(
          "no near cache was created: call getCache of a client that has this factory first");
    }
    return current;
  }

  /**
   * Returns the counters.
   *
   * @return a snapshot
   */
  public NearStats stats() {
    return counters.snapshot();
  }

  /**
   * Returns the near tier, for its health, its statistics, meters and {@link Carafe#flush}. Its
   * values have a header, and reading them bypasses what this class promises.
   *
   * @return the Carafe that holds the values
   */
  public Carafe<?, ?> near() {
    return carafe;
  }

  /**
   * Closes the near tier, whose file keeps the values for the next opening. Remote caches that are
   * still open go on without a near cache.
   */
  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      if (current != null) {
        current.close();
      }
    }
    carafe.close();
  }
}
