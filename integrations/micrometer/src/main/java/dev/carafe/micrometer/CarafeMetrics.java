package dev.carafe.micrometer;

import static dev.carafe.micrometer.StorageMeters.ADDITIONS;
import static dev.carafe.micrometer.StorageMeters.CAPACITY;
import static dev.carafe.micrometer.StorageMeters.ENTRIES;
import static dev.carafe.micrometer.StorageMeters.REMOVALS;
import static dev.carafe.micrometer.StorageMeters.SIZE;

import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
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
import java.util.Set;

/**
 * Meters of a cache: reads by tier and result, values that enter and leave each tier, bytes, memory
 * by purpose, the transfers of the file, and health. {@code docs/INTEGRATIONS.md} lists each meter.
 * They need no {@code recordStats()}. All have the tag {@code cache} with the name of the cache.
 *
 * <p>A cache of a {@link dev.carafe.CarafeStore} has the meters of its own reads, values, records
 * and bytes. Its capacity is its present share of the memory. {@link CarafeStoreMetrics} has the
 * meters of what its caches share.
 *
 * <p>The meters hold the cache weakly. Once it is closed or collected, counters keep their last
 * value and gauges are {@code NaN}, except {@code carafe.health} of a closed cache. A registry
 * reads the cache's counters when it publishes; nothing is added to an operation of the cache.
 */
public final class CarafeMetrics implements MeterBinder {
  /** The purposes of memory that each cache of a store has of its own. */
  private static final Set<String> OWN_PURPOSES = Set.of("leasedCopies", "recentReads");

  private static final Described GETS =
      Described.count("gets", "Reads, by result and by the tier that answered");
  private static final Described UNREADABLE =
      Described.count("unreadable", "Stored values that the codec could not read");
  private static final Described TOO_LARGE =
      Described.count("entries.too.large", "Values in memory that the file can't hold");

  private final Source<Carafe<?, ?>> source;
  private final Tags tags;

  /**
   * Creates a binder.
   *
   * @param cache the cache; {@link AsyncCarafe#synchronous()} of an asynchronous one
   * @param cacheName the value of the tag {@code cache}
   * @param tags further tags of each meter
   */
  public CarafeMetrics(Carafe<?, ?> cache, String cacheName, Iterable<Tag> tags) {
    this.source = Source.of(Objects.requireNonNull(cache, "cache"));
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
    Carafe<?, ?> cache = source.held();
    if (cache == null) {
      return;
    }
    Meters<Carafe<?, ?>> meters = new Meters<>(registry, source, cache, "carafe.", tags);
    boolean hasFile = cache.health().file() != null;
    bindReads(meters, hasFile);
    bindValues(meters);
    Set<String> purposes = cache.memoryUsage().bytesByTag().keySet();
    if (cache.memoryUsage().inStore()) {
      meters.usage(SIZE, MemoryUsage::valueBytes, "tier", "memory");
      meters.gauge(CAPACITY, () -> source.ifOpen(CarafeMetrics::share), "tier", "memory");
      StorageMeters.bindPurposes(meters, purposes.stream().filter(OWN_PURPOSES::contains).toList());
    } else {
      StorageMeters.bindMemory(meters);
      StorageMeters.bindPurposes(meters, purposes);
      if (hasFile) {
        StorageMeters.bindFile(meters);
      }
    }
  }

  /** The part of a store's memory that the cache may fill now. */
  private static double share(Carafe<?, ?> cache) {
    return cache.policy().eviction().orElseThrow().getMaximum();
  }

  private static void bindReads(Meters<?> meters, boolean hasFile) {
    meters.memory(GETS, MemoryTier::hits, "result", "hit", "tier", "memory");
    meters.file(GETS, FileTier::misses, "result", "miss", "tier", "none");
    if (hasFile) {
      meters.file(GETS, FileTier::hits, "result", "hit", "tier", "file");
      StorageMeters.bindRecords(meters);
    }
    meters.counter(UNREADABLE, TierStats::unreadable);
  }

  private static void bindValues(Meters<?> meters) {
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
  }
}
