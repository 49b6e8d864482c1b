package dev.carafe.jcache;

import com.github.benmanes.caffeine.cache.Scheduler;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a configuration says of memory, file and times, for the builder of a cache. */
final class BuilderSettings {
  private BuilderSettings() {}

  /** Sets memory, file and times of a cache that has its own. */
  static <A, B> CarafeBuilder<A, B> ofOwn(
      CarafeConfiguration<?, ?> configuration, CarafeBuilder<A, B> builder) {
    Long limit = configuration.getMemoryLimitBytes();
    if (limit != null) {
      throw new IllegalArgumentException(
          "memoryLimitBytes is "
              + limit
              + " but the manager has no store: set carafe.store.memory, or use memoryBytes");
    }
    CarafeBuilder<A, B> configured = builder.memory(configuration.getMemoryBytes());
    Long index = configuration.getIndexMemoryBytes();
    configured = index == null ? configured : configured.indexMemory(index);
    FileOptions file = configuration.getFile();
    configured = file == null ? configured : configured.file(file);
    Duration persistWithin = configuration.getPersistWithin();
    configured = persistWithin == null ? configured : configured.persistWithin(persistWithin);
    Scheduler scheduler = configuration.getScheduler();
    return scheduler == null ? configured : configured.scheduler(scheduler);
  }

  /** Sets the shares and times of a cache of a store. */
  static <A, B> CarafeBuilder<A, B> ofStore(
      CarafeConfiguration<?, ?> configuration, CarafeBuilder<A, B> builder) {
    requireOfStore("file", configuration.getFile(), "carafe.store.file");
    requireOfStore(
        "indexMemoryBytes", configuration.getIndexMemoryBytes(), "carafe.store.indexMemory");
    requireOfStore("persistWithin", configuration.getPersistWithin(), "carafe.store.persistWithin");
    CarafeBuilder<A, B> configured =
        configuration.hasMemoryBytes() ? builder.memory(configuration.getMemoryBytes()) : builder;
    Long limit = configuration.getMemoryLimitBytes();
    configured = limit == null ? configured : configured.memoryLimit(limit);
    Scheduler scheduler = configuration.getScheduler();
    return scheduler == null ? configured : configured.scheduler(scheduler);
  }

  private static void requireOfStore(String setting, @Nullable Object value, String instead) {
    if (value != null) {
      throw new IllegalArgumentException(
          setting
              + " is "
              + value
              + " but the caches of this manager share its store: set "
              + instead
              + " for all, or use a manager without a store");
    }
  }
}
