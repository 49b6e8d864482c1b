package dev.carafe.micrometer;

import dev.carafe.CarafeStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Objects;

/**
 * Meters of what the caches of a store share: memory by purpose, capacities, health, and the file
 * with its transfers. {@code docs/INTEGRATIONS.md} lists each meter. All have the tag {@code store}
 * with the name of the store. {@link CarafeMetrics} has the meters of each cache.
 *
 * <p>The meters hold the store weakly. Once it is closed or collected, counters keep their last
 * value and gauges are {@code NaN}, except {@code carafe.store.health} of a closed store.
 */
public final class CarafeStoreMetrics implements MeterBinder {
  private final Source<CarafeStore> source;
  private final Tags tags;

  /**
   * Creates a binder.
   *
   * @param store the store; the application must hold it as long as it is open
   * @param storeName the value of the tag {@code store}
   * @param tags further tags of each meter
   */
  public CarafeStoreMetrics(CarafeStore store, String storeName, Iterable<Tag> tags) {
    this.source = Source.of(Objects.requireNonNull(store, "store"));
    this.tags =
        Tags.of(Objects.requireNonNull(tags, "tags"))
            .and("store", Objects.requireNonNull(storeName, "storeName"));
  }

  /**
   * Binds the meters of a store.
   *
   * @param registry receives the meters
   * @param store the store
   * @param storeName the value of the tag {@code store}
   * @param tags further tags of each meter, as keys and values
   * @return the store
   */
  public static CarafeStore monitor(
      MeterRegistry registry, CarafeStore store, String storeName, String... tags) {
    new CarafeStoreMetrics(store, storeName, Tags.of(tags)).bindTo(registry);
    return store;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    CarafeStore store = source.held();
    if (store == null) {
      return;
    }
    Meters<CarafeStore> meters = new Meters<>(registry, source, store, "carafe.store.", tags);
    StorageMeters.bindMemory(meters);
    StorageMeters.bindPurposes(meters, store.memoryUsage().bytesByTag().keySet());
    if (store.health().file() != null) {
      StorageMeters.bindRecords(meters);
      StorageMeters.bindFile(meters);
    }
  }
}
