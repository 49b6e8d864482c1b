package dev.carafe.redis;

import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Configures a {@link CarafeNearCache}. {@code near} is required. Each setting is given once. Not
 * thread-safe.
 *
 * @param <K> keys
 * @param <V> values
 */
public final class CarafeNearCacheBuilder<K, V> {
  private static final Lifetimes FOREVER = Lifetimes.of(null);
  private static final Duration MAX_LAG = Duration.ofSeconds(1);
  private static final int COMPARED_AHEAD = 10_000;

  private final RedisURI server;
  private final RedisCodec<K, V> codec;
  private @Nullable Supplier<Carafe<byte[], NearValue>> near;
  private @Nullable ClientResources resources;
  private @Nullable ClientOptions options;
  private @Nullable Prefixes prefixes;
  private @Nullable Duration maxLag;
  private @Nullable Duration maxStale;
  private @Nullable Supplier<Lifetimes> lifetimes;
  private @Nullable String keyPrefix;
  private @Nullable Integer comparedAhead;
  private boolean emptyOnReconnect;

  CarafeNearCacheBuilder(RedisURI server, RedisCodec<K, V> codec) {
    this.server = Objects.requireNonNull(server, "server");
    this.codec = Objects.requireNonNull(codec, "codec");
  }

  /**
   * Keeps values in a cache of its own.
   *
   * @param builder with memory and, if values are to survive a restart, a file; without codecs and
   *     expiry, which this class sets. {@code expireAfterWrite} and the like are therefore refused;
   *     the server decides how long values live
   * @return this builder
   */
  public CarafeNearCacheBuilder<K, V> near(CarafeBuilder<Object, Object> builder) {
    Objects.requireNonNull(builder, "builder");
    return near(() ->
        builder
            .<byte[]>keyCodec(Codec.bytes())
            .<NearValue>valueCodec(new NearValue.ValueCodec())
            .expireAfter(NearTier.expiry())
            .build());
  }

  /**
   * Keeps values in a cache of a store.
   *
   * @param store stays open when the near cache is closed
   * @param name of the cache in the store
   * @return this builder
   */
  public CarafeNearCacheBuilder<K, V> near(CarafeStore store, String name) {
    return near(store, name, cache -> {});
  }

  /**
   * Keeps values in a cache of a store, with settings of its own.
   *
   * @param store stays open when the near cache is closed
   * @param name of the cache in the store
   * @param settings sets what the cache needs, such as its share of the memory; not its expiry,
   *     which this class sets
   * @return this builder
   */
  public CarafeNearCacheBuilder<K, V> near(
      CarafeStore store, String name, Consumer<? super CarafeBuilder<?, ?>> settings) {
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(settings, "settings");
    return near(() -> {
      CarafeBuilder<byte[], NearValue> builder =
          store.cache(name, Codec.bytes(), new NearValue.ValueCodec());
      settings.accept(builder);
      return builder.expireAfter(NearTier.expiry()).build();
    });
  }

  private CarafeNearCacheBuilder<K, V> near(Supplier<Carafe<byte[], NearValue>> opening) {
    requireUnset("near", near);
    this.near = opening;
    return this;
  }

  /**
   * Shares threads and timers with other clients of Lettuce. Invalidations are applied on these
   * threads.
   *
   * @param resources which the caller shuts down
   * @return this builder
   */
  public CarafeNearCacheBuilder<K, V> clientResources(ClientResources resources) {
    requireUnset("clientResources", this.resources);
    this.resources = Objects.requireNonNull(resources, "resources");
    return this;
  }

  /**
   * Sets options of the connection, such as those of sockets and TLS.
   *
   * @param options of which the protocol, the reconnects and the behaviour while disconnected are
   *     replaced by those that tracking needs
   * @return this builder
   */
  public CarafeNearCacheBuilder<K, V> clientOptions(ClientOptions options) {
    requireUnset("clientOptions", this.options);
    this.options = Objects.requireNonNull(options, "options");
    return this;
  }

  /**
   * Lets the server announce every change of keys with these prefixes, rather than those of keys
   * that were read here. The server then remembers no keys of this client, and the client gets more
   * announcements. Other keys are refused.
   *
   * @param prefixes of the encoded keys, as UTF-8; none for all keys
   * @return this builder
   * @throws IllegalArgumentException if a prefix is empty, or is the beginning of another one
   */
  public CarafeNearCacheBuilder<K, V> broadcast(String... prefixes) {
    requireUnset("broadcast", this.prefixes);
    this.prefixes = Prefixes.of(prefixes);
    return this;
  }

  /**
   * Puts a prefix before each key at the server, which separates this cache from the server's other
   * keys.
   *
   * @param prefix such as {@code pages::}; encoded as UTF-8
   * @return this builder
   * @throws IllegalArgumentException if the prefix is empty
   */
  public CarafeNearCacheBuilder<K, V> keyPrefix(String prefix) {
    requireUnset("keyPrefix", keyPrefix);
    if (prefix.isEmpty()) {
      throw new IllegalArgumentException("keyPrefix is empty, must have a character");
    }
    this.keyPrefix = prefix;
    return this;
  }

  /**
   * Bounds how far a value may be behind the server while connected, even if the connection hangs
   * or this process was stopped. While values are read, the server is asked for an answer twice in
   * this time; after a longer pause, the first read waits for one.
   *
   * @param bound at least a millisecond; 1 second by default
   * @return this builder
   * @throws IllegalArgumentException if the bound is shorter
   */
  public CarafeNearCacheBuilder<K, V> maxLag(Duration bound) {
    requireUnset("maxLag", maxLag);
    this.maxLag = atLeastOneMilli("maxLag", bound);
    return this;
  }

  /**
   * Serves values while the server is not connected, or does not answer, if they were as the server
   * had them at most this long ago. By default such reads wait for the server, and fail after the
   * timeout. Values of an earlier process are not served.
   *
   * @param bound at least a millisecond
   * @return this builder
   * @throws IllegalArgumentException if the bound is shorter
   */
  public CarafeNearCacheBuilder<K, V> staleIfDisconnected(Duration bound) {
    requireUnset("staleIfDisconnected", maxStale);
    this.maxStale = atLeastOneMilli("staleIfDisconnected", bound);
    return this;
  }

  /**
   * Empties the near tier when a connection is established: at the opening, and after each loss. By
   * default the values are kept, and each is compared with the server when it is used first.
   *
   * @return this builder
   */
  public CarafeNearCacheBuilder<K, V> emptyOnReconnect() {
    if (emptyOnReconnect) {
      throw new IllegalStateException("emptyOnReconnect is set already");
    }
    this.emptyOnReconnect = true;
    return this;
  }

  /**
   * Sets how many values are compared with the server in the background, before they are read: the
   * ones that are used most, after a loss of the connection and after an orderly restart. They are
   * compared in batches of 64, by one thread that works at most a quarter of the time.
   *
   * @param values 10,000 by default; 0 for none
   * @return this builder
   * @throws IllegalArgumentException if the number is negative
   */
  public CarafeNearCacheBuilder<K, V> compareAhead(int values) {
    requireUnset("compareAhead", comparedAhead);
    if (values < 0) {
      throw new IllegalArgumentException("compareAhead is " + values + ", must be 0 or more");
    }
    this.comparedAhead = values;
    return this;
  }

  /**
   * Sets the time to live of values that this cache writes to the server.
   *
   * @param duration at least a millisecond; without one by default
   * @return this builder
   * @throws IllegalArgumentException if the duration is shorter
   */
  public CarafeNearCacheBuilder<K, V> timeToLive(Duration duration) {
    requireUnset("timeToLive", lifetimes);
    Lifetimes all = Lifetimes.of(atLeastOneMilli("timeToLive", duration));
    this.lifetimes = () -> all;
    return this;
  }

  /**
   * Sets how long the server keeps the values that this cache writes, by whether it has one
   * already. In place of {@link #timeToLive}.
   *
   * @param lifetimes is asked for each value that is written, on the thread of the caller
   * @return this builder
   */
  public CarafeNearCacheBuilder<K, V> lifetimes(Supplier<Lifetimes> lifetimes) {
    requireUnset("timeToLive or lifetimes", this.lifetimes);
    this.lifetimes = Objects.requireNonNull(lifetimes, "lifetimes");
    return this;
  }

  /**
   * Opens the near tier and connects.
   *
   * @return an open near cache, which the caller closes
   * @throws IllegalStateException if {@code near} is not set
   * @throws dev.carafe.CarafeException if the file can't be opened
   * @throws io.lettuce.core.RedisException if the server can't be reached within the timeout of the
   *     {@link RedisURI}, or does not support tracking over RESP3
   */
  public CarafeNearCache<K, V> build() {
    if (near == null) {
      throw new IllegalStateException("set near(…): where values are kept");
    }
    Limits limits =
        new Limits(
            nanos(server.getTimeout()),
            nanos(maxLag == null ? MAX_LAG : maxLag),
            maxStale == null ? 0 : nanos(maxStale),
            !emptyOnReconnect,
            emptyOnReconnect ? 0 : comparedAhead == null ? COMPARED_AHEAD : comparedAhead);
    Prefixes announced = prefixes == null ? Prefixes.READ_KEYS : prefixes;
    NearTier tier = new NearTier(near.get(), limits.maxLag());
    RedisClient client = client();
    Invalidations invalidations =
        new Invalidations(tier, emptyOnReconnect ? ForkJoinPool.commonPool() : null);
    Links links = new Links(client, server, announced.tracking(), invalidations);
    try {
      links.open(limits.timeout());
    } catch (RuntimeException | Error e) {
      try (tier;
          links) {
        throw e;
      }
    }
    byte[] prefix = keyPrefix == null ? new byte[0] : keyPrefix.getBytes(StandardCharsets.UTF_8);
    return new CarafeNearCache<>(
        new Coding<>(codec, prefix, announced),
        tier,
        links,
        invalidations,
        limits,
        lifetimes == null ? () -> FOREVER : lifetimes);
  }

  private RedisClient client() {
    RedisClient client = resources == null ? RedisClient.create() : RedisClient.create(resources);
    ClientOptions given = options == null ? ClientOptions.create() : options;
    client.setOptions(
        given
            .mutate()
            .protocolVersion(ProtocolVersion.RESP3)
            .autoReconnect(false)
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .build());
    return client;
  }

  private static long nanos(Duration duration) {
    try {
      return Math.min(duration.toNanos(), Long.MAX_VALUE / 4);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE / 4; // 73 years
    }
  }

  private static void requireUnset(String name, @Nullable Object value) {
    if (value != null) {
      throw new IllegalStateException(name + " is set already");
    }
  }

  static Duration atLeastOneMilli(String name, Duration duration) {
    if (Objects.requireNonNull(duration, name).compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(name + " is " + duration + ", must be at least 1 ms");
    }
    return duration;
  }
}
