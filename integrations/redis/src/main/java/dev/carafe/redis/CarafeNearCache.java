package dev.carafe.redis;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.spi.KeyBytes;
import io.lettuce.core.RedisURI;
import io.lettuce.core.codec.RedisCodec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cache in front of Redis or Valkey (6.0 or later, one server or Sentinel; no cluster). Values
 * that were read once are served from the memory and the file of a {@link Carafe}, without a round
 * trip. The server announces each change of a key that was read ({@code CLIENT TRACKING} over
 * RESP3), and the value is removed here.
 *
 * <p><b>What can be stale.</b> An invalidation that arrives while its key is read wins: the value
 * that is being read is not kept. While connected, a value is behind the server by the time that an
 * announcement takes, and never by more than {@link CarafeNearCacheBuilder#maxLag}: if no answer of
 * the server proves that, a read asks for one first. After {@link #put} or {@link #invalidate}
 * returned, this cache gives no older value. When the connection is lost, or the process was
 * restarted, values are unverified: each is compared with the server when it is used first, by a
 * digest if it is long, and is kept if it is the same. See {@link
 * CarafeNearCacheBuilder#emptyOnReconnect} and {@link CarafeNearCacheBuilder#staleIfDisconnected}.
 * The values that are used most are compared before that, in the background ({@link
 * CarafeNearCacheBuilder#compareAhead}). A value expires here when it expires at the server, or
 * earlier by a round trip and up to 50 ms. {@code SWAPDB} is not announced by the server.
 *
 * <p><b>Lettuce's {@code ClientSideCaching}</b> (7.7) puts a value into its map after the answer,
 * even if an invalidation came in between. It ignores the announcement of {@code FLUSHALL}. After a
 * reconnect it goes on with its old values, and tracking is off. It keeps values longer than the
 * server. This class has none of these, and needs a connection of its own for that.
 *
 * <p><b>Threads.</b> Thread-safe. Invalidations are applied on the thread of the connection, before
 * the answers that follow them; like a removal from a Carafe, each waits while the file has no free
 * extent. Methods that need the server wait for it up to the timeout of the {@link RedisURI},
 * including a reconnect. They throw Lettuce's {@link io.lettuce.core.RedisException} if it refuses,
 * is not connected, or gives no answer. A {@code put} or {@code invalidate} that throws may have
 * been done.
 *
 * @param <K> keys
 * @param <V> values
 */
public final class CarafeNearCache<K, V> implements AutoCloseable {
  private final Coding<K, V> coding;
  private final NearTier tier;
  private final Links links;
  private final Invalidations invalidations;
  private final Counters counters;
  private final NearReads reads;
  private final NearWrites writes;
  private final Supplier<Lifetimes> lifetimes;
  private final NearChanges<K, V> changes;
  private final @Nullable Revalidation revalidation;

  CarafeNearCache(
      Coding<K, V> coding,
      NearTier tier,
      Links links,
      Invalidations invalidations,
      Limits limits,
      Supplier<Lifetimes> lifetimes) {
    this.coding = coding;
    this.tier = tier;
    this.links = links;
    this.invalidations = invalidations;
    this.counters = new Counters();
    this.reads = new NearReads(tier, links, limits, counters);
    this.writes = new NearWrites(tier, links, reads, limits.timeout());
    this.lifetimes = lifetimes;
    this.changes = new NearChanges<>(coding, reads, writes, lifetimes);
    this.revalidation =
        limits.comparedAhead() == 0
            ? null
            : new Revalidation(new HotKeys(tier, limits.comparedAhead()), reads, links);
    if (revalidation != null) {
      revalidation.begin();
    }
  }

  /**
   * Starts a near cache with a codec of Lettuce.
   *
   * @param server the server and its timeout
   * @param codec of the keys and values of the server; it must give equal bytes for equal keys
   * @param <K> keys
   * @param <V> values
   * @return a builder
   */
  public static <K, V> CarafeNearCacheBuilder<K, V> newBuilder(
      RedisURI server, RedisCodec<K, V> codec) {
    return new CarafeNearCacheBuilder<>(server, codec);
  }

  /**
   * Starts a near cache with codecs of Carafe, whose bytes the server gets.
   *
   * @param server the server and its timeout
   * @param keys the codec of keys
   * @param values the codec of values
   * @param <K> keys
   * @param <V> values
   * @return a builder
   */
  public static <K, V> CarafeNearCacheBuilder<K, V> newBuilder(
      RedisURI server, Codec<K> keys, Codec<V> values) {
    return newBuilder(server, new ServerCodec<>(keys, values));
  }

  /**
   * Reads a value.
   *
   * @param key the key
   * @return the value, or null if the server has none
   * @throws IllegalArgumentException if no prefix of {@link CarafeNearCacheBuilder#broadcast}
   *     matches the key
   */
  public @Nullable V get(K key) {
    byte[] bytes = reads.get(coding.key(key));
    return bytes == null ? null : coding.value(bytes);
  }

  /**
   * Reads many values, those that are not near in one batch.
   *
   * @param keys the keys
   * @return the values that exist, in the order of the keys
   * @throws IllegalArgumentException as {@link #get(Object)}
   */
  public Map<K, V> getAll(Iterable<? extends K> keys) {
    Map<KeyBytes, K> wanted = new LinkedHashMap<>();
    for (K key : keys) {
      wanted.put(coding.key(key), key);
    }
    Map<KeyBytes, byte[]> found = reads.getAll(wanted.keySet());
    Map<K, V> values = new LinkedHashMap<>();
    wanted.forEach((encoded, key) -> {
      byte[] bytes = found.get(encoded);
      if (bytes != null) {
        values.put(key, coding.value(bytes));
      }
    });
    return values;
  }

  /**
   * Reads a value, or loads it and writes it to the server. One caller of this cache loads, the
   * others wait for it. The loaded value is written only if the server has none by then, and not if
   * the key was changed here, or announced as changed, during the load. If it can't be written, it
   * is returned all the same.
   *
   * <p>A value that another process loads from the same source at the same time, and deletes, can
   * come back by a loader that read the source before: give loaded values a {@link
   * CarafeNearCacheBuilder#timeToLive}.
   *
   * @param key the key
   * @param loader returns the value, or null for none; its exceptions reach the caller
   * @return the value, or null if the loader returned null
   * @throws IllegalArgumentException as {@link #get(Object)}
   */
  public @Nullable V get(K key, Function<? super K, ? extends @Nullable V> loader) {
    Objects.requireNonNull(loader, "loader");
    byte[] bytes =
        writes.load(
            coding.key(key),
            lifetimes.get(),
            () -> {
              V value = loader.apply(key);
              return value == null ? null : coding.bytes(value);
            });
    return bytes == null ? null : coding.value(bytes);
  }

  /**
   * Writes a value to the server, with the {@link CarafeNearCacheBuilder#timeToLive} of this cache.
   * The next read fetches it.
   *
   * @param key the key
   * @param value the value
   * @throws IllegalArgumentException as {@link #get(Object)}
   */
  public void put(K key, V value) {
    writes.put(coding.key(key), coding.bytes(value), lifetimes.get());
  }

  /**
   * Writes a value to the server. The next read fetches it.
   *
   * @param key the key
   * @param value the value
   * @param timeToLive after which the server drops it, at least a millisecond
   * @throws IllegalArgumentException if the time is too short, or as {@link #get(Object)}
   */
  public void put(K key, V value, Duration timeToLive) {
    Duration checked = CarafeNearCacheBuilder.atLeastOneMilli("timeToLive", timeToLive);
    writes.put(coding.key(key), coding.bytes(value), Lifetimes.of(checked));
  }

  /**
   * Writes a value to the server if it has none for the key, with the {@link
   * CarafeNearCacheBuilder#timeToLive} of this cache.
   *
   * @param key the key
   * @param value the value
   * @return null if the value was written, or else the value that the server has
   * @throws IllegalArgumentException as {@link #get(Object)}
   */
  public @Nullable V putIfAbsent(K key, V value) {
    byte[] present = writes.putIfAbsent(coding.key(key), coding.bytes(value), lifetimes.get());
    return present == null ? null : coding.value(present);
  }

  /**
   * Deletes a value at the server, and here.
   *
   * @param key the key
   * @throws IllegalArgumentException as {@link #get(Object)}
   */
  public void invalidate(K key) {
    writes.delete(coding.key(key));
  }

  /**
   * Deletes all values whose keys begin with the {@link CarafeNearCacheBuilder#keyPrefix}, at the
   * server and here. The server scans its keys ({@code SCAN}), about a thousand for each command.
   * Values that are written meanwhile may remain.
   *
   * @throws IllegalStateException if there is no prefix, since the server may have keys of others
   */
  public void invalidateAll() {
    if (coding.keyPrefix().length == 0) {
      throw new IllegalStateException(
          "set keyPrefix(…): without one, all keys of the server would be deleted");
    }
    writes.deleteAll(coding.keyPrefix());
  }

  /**
   * Returns the changes that depend on the value that the server has.
   *
   * @return changes of this cache
   */
  public NearChanges<K, V> changes() {
    return changes;
  }

  /**
   * Returns the counters.
   *
   * @return a snapshot
   */
  public NearStats stats() {
    Link link = links.current();
    return new NearStats(
        counters.nearHits.sum(),
        counters.staleHits.sum(),
        counters.farHits.sum(),
        counters.farMisses.sum(),
        counters.confirmedHits.sum(),
        counters.unchanged.sum(),
        counters.changed.sum(),
        invalidations.keys(),
        invalidations.flushes(),
        links.losses(),
        link != null && link.isOpen());
  }

  /**
   * Returns the near tier, for its health, its statistics, meters and {@link Carafe#flush}. Its
   * values have a header, and reading them bypasses what this class promises.
   *
   * @return the Carafe that holds the values
   */
  public Carafe<?, ?> near() {
    return tier.carafe();
  }

  /** Closes the connection and the near tier, whose file keeps the values for the next opening. */
  @Override
  public void close() {
    links.close();
    try {
      if (revalidation != null) {
        revalidation.close();
      }
    } finally {
      tier.close();
    }
  }
}
