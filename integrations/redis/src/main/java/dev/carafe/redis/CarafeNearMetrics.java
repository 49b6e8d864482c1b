package dev.carafe.redis;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Objects;
import java.util.function.ToLongFunction;

/**
 * Meters of a {@link CarafeNearCache}: reads by where their value was found, values that were
 * compared with the server, announcements of the server and the connection. {@code docs/NEAR.md}
 * lists each meter. All have the tag {@code cache} with the name of the cache. The meters of
 * Micrometer and Carafe for {@link CarafeNearCache#near} have those of memory and file.
 *
 * <p>The meters hold the near cache weakly. Micrometer is an optional dependency, which only this
 * class needs.
 */
public final class CarafeNearMetrics implements MeterBinder {
  private final CarafeNearCache<?, ?> cache;
  private final Tags tags;

  /**
   * Creates a binder.
   *
   * @param cache the near cache; the application must hold it as long as it is open
   * @param cacheName the value of the tag {@code cache}
   * @param tags further tags of each meter
   */
  public CarafeNearMetrics(CarafeNearCache<?, ?> cache, String cacheName, Iterable<Tag> tags) {
    this.cache = Objects.requireNonNull(cache, "cache");
    this.tags =
        Tags.of(Objects.requireNonNull(tags, "tags"))
            .and("cache", Objects.requireNonNull(cacheName, "cacheName"));
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    String gets = "reads, by where the value was found";
    counter(registry, "gets", gets, NearStats::nearHits, "result", "near");
    counter(registry, "gets", gets, NearStats::staleHits, "result", "stale");
    counter(registry, "gets", gets, NearStats::farHits, "result", "far");
    counter(registry, "gets", gets, NearStats::farMisses, "result", "miss");
    String compared = "values of an earlier connection that were compared with the server";
    counter(registry, "compared", compared, NearStats::unchanged, "result", "unchanged");
    counter(registry, "compared", compared, NearStats::changed, "result", "changed");
    counter(registry, "invalidations", "keys announced as changed", NearStats::invalidations);
    counter(registry, "flushes", "announced flushes of the server", NearStats::flushes);
    counter(registry, "losses", "connections that were lost", NearStats::losses);
    Gauge.builder("carafe.near.connected", cache, near -> near.stats().connected() ? 1 : 0)
        .description("1 while connected to the server, or else 0")
        .tags(tags)
        .register(registry);
  }

  private void counter(
      MeterRegistry registry,
      String name,
      String description,
      ToLongFunction<NearStats> count,
      String... own) {
    FunctionCounter.builder("carafe.near." + name, cache, near -> count.applyAsLong(near.stats()))
        .description(description)
        .tags(tags.and(own))
        .register(registry);
  }
}
