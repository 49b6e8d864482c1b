package dev.carafe.hotrod;

import com.github.benmanes.caffeine.cache.Expiry;
import dev.carafe.Codec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.infinispan.client.hotrod.MetadataValue;

/**
 * A value in the near tier: its bytes, what the server said about it, and the epoch in which it was
 * read.
 *
 * @param epoch in which the read began
 * @param version of the server's entry
 * @param created when the server created the entry, in milliseconds of its wall clock; negative if
 *     the entry does not expire
 * @param lastUsed the same of its last use
 * @param lifespan seconds; negative if unlimited
 * @param maxIdle seconds; negative if unlimited
 * @param bytes of the value; the array is not changed
 */
record NearEntry(
    long epoch,
    long version,
    long created,
    long lastUsed,
    int lifespan,
    int maxIdle,
    byte[] bytes) {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long HEADER = 4 * Long.BYTES + 2 * Integer.BYTES;

  static NearEntry of(Epoch epoch, MetadataValue<?> value, byte[] bytes) {
    return new NearEntry(
        epoch.number(),
        value.getVersion(),
        value.getCreated(),
        value.getLastUsed(),
        value.getLifespan(),
        value.getMaxIdle(),
        bytes);
  }

  /**
   * Returns how long the value may be near, in nanoseconds; 0 or less if not at all.
   *
   * <p>Its lifespan ends when it ends at the server, whose wall clock is compared with this one;
   * the whole lifespan at most. A maximum idle time is halved: the read that comes after that
   * touches the server's entry before it expires.
   *
   * @param now this wall clock, in milliseconds
   */
  long timeToLive(long now) {
    long millis = Long.MAX_VALUE;
    if (lifespan >= 0) {
      long whole = TimeUnit.SECONDS.toMillis(lifespan);
      millis = created < 0 ? whole : Math.min(whole, created + whole - now);
    }
    if (maxIdle >= 0) {
      millis = Math.min(millis, TimeUnit.SECONDS.toMillis(maxIdle) / 2);
    }
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Returns the epoch of an encoded entry. */
  static long epochOf(MemorySegment source) {
    return source.get(LONG, 0);
  }

  /** Returns the version of an encoded entry. */
  static long versionOf(MemorySegment source) {
    return source.get(LONG, 8);
  }

  /** Returns the value of an encoded entry, with what the server said about it. */
  static <V> MetadataValue<V> valueOf(MemorySegment source, Translation<V> values) {
    V value = values.fromBytes(source.asSlice(HEADER));
    return new NearMetadataValue<>(
        value,
        source.get(LONG, 8),
        source.get(LONG, 16),
        source.get(LONG, 24),
        source.get(INT, 32),
        source.get(INT, 36));
  }

  /** The time to live of each entry. */
  static Expiry<byte[], NearEntry> expiry() {
    return Expiry.writing((key, entry) ->
        Duration.ofNanos(Math.max(0, entry.timeToLive(System.currentTimeMillis()))));
  }

  /**
   * The fields in 40 bytes before the value.
   *
   * @param fingerprint of the codec, which names the encodings of keys and values, too
   */
  record EntryCodec(String fingerprint) implements Codec<NearEntry> {
    static EntryCodec of(Translation<?> keys, Translation<?> values) {
      return new EntryCodec("carafe-hotrod/1 of " + keys.name() + " and " + values.name());
    }

    @Override
    public int encodedBytes(NearEntry entry) {
      return Math.addExact((int) HEADER, entry.bytes.length);
    }

    @Override
    public void encode(NearEntry entry, MemorySegment target) {
      target.set(LONG, 0, entry.epoch);
      target.set(LONG, 8, entry.version);
      target.set(LONG, 16, entry.created);
      target.set(LONG, 24, entry.lastUsed);
      target.set(INT, 32, entry.lifespan);
      target.set(INT, 36, entry.maxIdle);
      MemorySegment.copy(entry.bytes, 0, target, ValueLayout.JAVA_BYTE, HEADER, entry.bytes.length);
    }

    @Override
    public NearEntry decode(MemorySegment source) {
      return new NearEntry(
          source.get(LONG, 0),
          source.get(LONG, 8),
          source.get(LONG, 16),
          source.get(LONG, 24),
          source.get(INT, 32),
          source.get(INT, 36),
          source.asSlice(HEADER).toArray(ValueLayout.JAVA_BYTE));
    }
  }
}
