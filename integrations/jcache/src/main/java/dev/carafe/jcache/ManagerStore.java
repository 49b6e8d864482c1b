package dev.carafe.jcache;

import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeException;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.spi.SettingText;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * The store that all caches of a manager share: one memory and one file.
 *
 * @param store is open until the manager is closed
 * @param hasFile whether the caches outlive the manager
 * @param createsMissing whether {@code getCache} creates a cache that no one has configured
 */
record ManagerStore(CarafeStore store, boolean hasFile, boolean createsMissing) {
  /**
   * Opens the store that the settings describe.
   *
   * @return null if they have no store
   */
  static @Nullable ManagerStore open(Settings settings, URI manager) {
    SettingScope scope = settings.store();
    if (scope == null) {
      return null;
    }
    Long memory = scope.parsed("memory", SettingText::bytes);
    if (memory == null) {
      throw scope.wrong("memory", "missing", "the memory of all caches together, such as 256m");
    }
    FileOptions file = scope.file();
    boolean createsMissing = scope.is("createMissing");
    Long index = scope.parsed("indexMemory", SettingText::bytes);
    Duration persistWithin = scope.parsed("persistWithin", SettingText::duration);
    Long writeBudget = scope.parsed("writeBudget", SettingText::bytes);
    try {
      CarafeStore.Builder builder = CarafeStore.newBuilder().memory(memory);
      builder = file == null ? builder : builder.file(file);
      builder = index == null ? builder : builder.indexMemory(index);
      builder = persistWithin == null ? builder : builder.persistWithin(persistWithin);
      builder = writeBudget == null ? builder : builder.writeBudget(writeBudget);
      return new ManagerStore(builder.build(), file != null, createsMissing);
    } catch (CarafeException
        | IllegalArgumentException
        | IllegalStateException
        | UncheckedIOException e) {
      throw new CacheException(
          "the store of the cache manager " + manager + " can't be opened: " + e.getMessage(), e);
    }
  }

  <K, V> CarafeBuilder<K, V> cache(String name, Codec<K> keys, Codec<V> values) {
    return store.cache(name, keys, values);
  }

  /** Removes a cache and its values, also if it is not open. */
  void drop(String name) {
    try {
      store.drop(name);
    } catch (CarafeException e) {
      throw new CacheException(
          "the cache " + name + " was removed, but may be back after a crash: " + e.getMessage(),
          e);
    }
  }
}
