package dev.carafe.micrometer;

import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import dev.carafe.TierStats.FileTier;
import dev.carafe.TierStats.MemoryTier;
import dev.carafe.micrometer.Meters.Described;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Objects;

/**
 * Meters of a cache: reads by tier and result, values that enter and leave each tier, bytes, memory
 * by purpose, the transfers of the file, and health. {@code docs/INTEGRATIONS.md} lists each meter.
 * They need no {@code recordStats()}. All have the tag {@code cache} with the name of the cache.
 *
 * <p>The meters hold the cache weakly. Once it is closed or collected, counters keep their last
 * value and gauges are {@code NaN}, except {@code carafe.health} of a closed cache. A registry
 * reads the cache's counters when it publishes; nothing is added to an operation of the cache.
 */
public final class CarafeMetrics implements MeterBinder {
  private static final Described GETS =
      Described.count("carafe.gets", "Reads, by result and by the tier that answered");
  private static final Described UNREADABLE =
      Described.count("carafe.unreadable", "Stored values that the codec could not read");
  private static final Described ADDITIONS =
      Described.count("carafe.additions", "Values and records that entered a tier, by source");
  private static final Described REMOVALS =
      Described.count("carafe.removals", "Values and records that left a tier, by cause");
  private static final Described ENTRIES =
      Described.count("carafe.entries", "Values in memory, and records in the file");
  private static final Described TOO_LARGE =
      Described.count("carafe.entries.too.large", "Values in memory that the file can't hold");
  private static final Described SIZE =
      Described.bytes("carafe.size", "Bytes of the values in memory, and of the file's records");
  private static final Described CAPACITY =
      Described.bytes("carafe.capacity", "The limit of the memory tier, and of the file");
  private static final Described MEMORY =
      Described.bytes("carafe.memory.used", "Native memory, by purpose; regions hold the values");
  private static final Described HEALTH =
      Described.count("carafe.health", "1: the tier is OK, 0: degraded, -1: closed");
  private static final Described BUFFERED =
      Described.count("carafe.file.buffered", "Records whose write has not completed");
  private static final Described REFUSED =
      Described.count("carafe.file.refused", "Values that the file did not take, by reason");
  private static final Described READ =
      Described.bytes("carafe.file.read", "Bytes read from the device");
  private static final Described WRITTEN =
      Described.bytes("carafe.file.written", "Bytes written to the device");
  private static final Described APPENDED =
      Described.bytes("carafe.file.appended", "Bytes of the records that values appended");
  private static final Described REINSERTED =
      Described.count("carafe.file.reinserted", "Records that reclaiming copied");
  private static final Described AMPLIFICATION =
      Described.count(
          "carafe.file.write.amplification", "Bytes written to the device for an appended byte");

  private final CacheSource source;
  private final Tags tags;

  /**
   * Creates a binder.
   *
   * @param cache the cache; {@link AsyncCarafe#synchronous()} of an asynchronous one
   * @param cacheName the value of the tag {@code cache}
   * @param tags further tags of each meter
   */
  public CarafeMetrics(Carafe<?, ?> cache, String cacheName, Iterable<Tag> tags) {
    this.source = new CacheSource(Objects.requireNonNull(cache, "cache"));
    this.tags =
        Tags.of(Objects.requireNonNull(tags, "tags"))
            .and("cache", Objects.requireNonNull(cacheName, "cacheName"));
  }

  /**
   * Binds the meters of a cache.
   *
   * @param registry receives the meters
   * @param cache the cache
   * @param cacheName the value of the tag {@code cache}
   * @param tags further tags of each meter, as keys and values
   * @param <C> the type of the cache
   * @return the cache
   */
  public static <C extends Carafe<?, ?>> C monitor(
      MeterRegistry registry, C cache, String cacheName, String... tags) {
    new CarafeMetrics(cache, cacheName, Tags.of(tags)).bindTo(registry);
    return cache;
  }

  /**
   * Binds the meters of an asynchronous cache.
   *
   * @param registry receives the meters
   * @param cache the cache
   * @param cacheName the value of the tag {@code cache}
   * @param tags further tags of each meter, as keys and values
   * @param <C> the type of the cache
   * @return the cache
   */
  public static <C extends AsyncCarafe<?, ?>> C monitor(
      MeterRegistry registry, C cache, String cacheName, String... tags) {
    new CarafeMetrics(cache.synchronous(), cacheName, Tags.of(tags)).bindTo(registry);
    return cache;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Carafe<?, ?> cache = source.cache();
    if (cache == null) {
      return;
    }
    Meters meters = new Meters(registry, source, cache, tags);
    bindCache(meters);
    bindMemoryTier(meters);
    for (String purpose : cache.memoryUsage().bytesByTag().keySet()) {
      meters.usage(
          MEMORY, usage -> usage.bytesByTag().getOrDefault(purpose, 0L), "purpose", purpose);
    }
    if (cache.health().file() != null) {
      bindFileTier(meters);
      bindTransfers(meters);
    }
  }

  private static void bindCache(Meters meters) {
    meters.memory(GETS, MemoryTier::hits, "result", "hit", "tier", "memory");
    meters.file(GETS, FileTier::misses, "result", "miss", "tier", "none");
    meters.counter(UNREADABLE, TierStats::unreadable);
  }

  private static void bindMemoryTier(Meters meters) {
    meters.memory(ADDITIONS, MemoryTier::puts, "tier", "memory", "source", "put");
    meters.memory(ADDITIONS, MemoryTier::promotions, "tier", "memory", "source", "promotion");
    meters.memory(REMOVALS, MemoryTier::overwritten, "tier", "memory", "cause", "overwritten");
    meters.memory(REMOVALS, MemoryTier::invalidated, "tier", "memory", "cause", "invalidated");
    meters.memory(REMOVALS, MemoryTier::spilled, "tier", "memory", "cause", "spilled");
    meters.memory(REMOVALS, MemoryTier::droppedClean, "tier", "memory", "cause", "clean");
    meters.memory(REMOVALS, MemoryTier::dropped, "tier", "memory", "cause", "dropped");
    meters.memory(REMOVALS, MemoryTier::expired, "tier", "memory", "cause", "expired");
    meters.gauge(ENTRIES, stats -> stats.memory().entries(), "tier", "memory");
    meters.gauge(TOO_LARGE, stats -> stats.memory().tooLarge());
    meters.usage(SIZE, MemoryUsage::valueBytes, "tier", "memory");
    meters.usage(CAPACITY, MemoryUsage::budgetBytes, "tier", "memory");
    meters.health(HEALTH, Health::memory, "tier", "memory");
  }

  private static void bindFileTier(Meters meters) {
    meters.file(GETS, FileTier::hits, "result", "hit", "tier", "file");
    meters.file(ADDITIONS, FileTier::recovered, "tier", "file", "source", "recovery");
    meters.file(ADDITIONS, FileTier::stored, "tier", "file", "source", "write");
    meters.file(REMOVALS, FileTier::removed, "tier", "file", "cause", "removed");
    meters.file(REMOVALS, FileTier::replaced, "tier", "file", "cause", "replaced");
    meters.file(REMOVALS, FileTier::reclaimed, "tier", "file", "cause", "reclaimed");
    meters.file(REMOVALS, FileTier::expired, "tier", "file", "cause", "expired");
    meters.file(REMOVALS, FileTier::damaged, "tier", "file", "cause", "damaged");
    meters.file(REMOVALS, FileTier::lost, "tier", "file", "cause", "lost");
    meters.gauge(ENTRIES, stats -> stats.file().records(), "tier", "file");
    meters.gauge(SIZE, stats -> stats.file().liveBytes(), "tier", "file");
    meters.gauge(CAPACITY, stats -> stats.file().capacityBytes(), "tier", "file");
    meters.health(HEALTH, Health::file, "tier", "file");
  }

  private static void bindTransfers(Meters meters) {
    meters.gauge(BUFFERED, stats -> stats.file().buffered());
    meters.file(REFUSED, FileTier::refusedTooLarge, "reason", "too_large");
    meters.file(REFUSED, FileTier::refusedOverload, "reason", "overload");
    meters.file(REFUSED, FileTier::refusedUnavailable, "reason", "unavailable");
    meters.file(READ, FileTier::bytesRead);
    meters.file(WRITTEN, FileTier::bytesWritten);
    meters.file(APPENDED, FileTier::bytesAppended);
    meters.file(REINSERTED, FileTier::reinserted);
    meters.gauge(AMPLIFICATION, CarafeMetrics::amplification);
  }

  private static double amplification(TierStats stats) {
    FileTier file = stats.file();
    return file.bytesAppended() == 0
        ? Double.NaN
        : (double) file.bytesWritten() / file.bytesAppended();
  }
}
