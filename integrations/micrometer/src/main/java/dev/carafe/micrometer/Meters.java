package dev.carafe.micrometer;

import dev.carafe.Health;
import dev.carafe.MemoryUsage;
import dev.carafe.TierStats;
import dev.carafe.TierStats.FileTier;
import dev.carafe.TierStats.MemoryTier;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Registers meters of one cache or store. They hold it weakly, and read it through its source.
 *
 * @param <T> the cache or the store
 */
final class Meters<T> {
  /**
   * What the meters of one name have in common.
   *
   * @param name the name by Micrometer's conventions, without the prefix
   * @param description what is counted
   * @param unit the base unit, null for a number of things
   */
  record Described(String name, String description, @Nullable String unit) {
    static Described count(String name, String description) {
      return new Described(name, description, null);
    }

    static Described bytes(String name, String description) {
      return new Described(name, description, BaseUnits.BYTES);
    }
  }

  private final MeterRegistry registry;
  private final Source<T> source;
  private final T held;
  private final String prefix;
  private final Tags tags;

  Meters(MeterRegistry registry, Source<T> source, T held, String prefix, Tags tags) {
    this.registry = registry;
    this.source = source;
    this.held = held;
    this.prefix = prefix;
    this.tags = tags;
  }

  /** A counter of both tiers. */
  void counter(Described meter, ToLongFunction<TierStats> count, String... own) {
    Source<T> from = source;
    FunctionCounter.builder(prefix + meter.name(), held, open -> count.applyAsLong(from.stats()))
        .description(meter.description())
        .baseUnit(meter.unit())
        .tags(tags.and(own))
        .register(registry);
  }

  /** A counter of the memory tier. */
  void memory(Described meter, ToLongFunction<MemoryTier> count, String... own) {
    counter(meter, stats -> count.applyAsLong(stats.memory()), own);
  }

  /** A counter of the file tier. */
  void file(Described meter, ToLongFunction<FileTier> count, String... own) {
    counter(meter, stats -> count.applyAsLong(stats.file()), own);
  }

  /** A gauge of the counters. */
  void gauge(Described meter, ToDoubleFunction<TierStats> value, String... own) {
    gauge(meter, source::statsIfOpen, value::applyAsDouble, own);
  }

  /** A gauge of the memory. */
  void usage(Described meter, ToLongFunction<MemoryUsage> bytes, String... own) {
    gauge(meter, source::usageIfOpen, usage -> (double) bytes.applyAsLong(usage), own);
  }

  /** A gauge of the health. */
  void health(Described meter, Function<Health, Health.@Nullable Tier> tier, String... own) {
    gauge(meter, source::health, health -> level(tier.apply(health)), own);
  }

  private static double level(Health.@Nullable Tier tier) {
    return switch (tier == null ? Health.State.CLOSED : tier.state()) {
      case OK -> 1;
      case DEGRADED -> 0;
      case CLOSED -> -1;
    };
  }

  /** A gauge of a value that is null if the cache or store is closed or collected. */
  void gauge(Described meter, Supplier<@Nullable Double> value, String... own) {
    gauge(meter, value, Function.identity(), own);
  }

  private <R> void gauge(
      Described meter, Supplier<@Nullable R> read, Function<R, Double> value, String[] own) {
    ToDoubleFunction<T> current =
        open -> {
          R now = read.get();
          return now == null ? Double.NaN : value.apply(now);
        };
    Gauge.builder(prefix + meter.name(), held, current)
        .description(meter.description())
        .baseUnit(meter.unit())
        .tags(tags.and(own))
        .register(registry);
  }
}
