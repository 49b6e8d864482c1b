package dev.carafe.cache;

import dev.carafe.FileOptions;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.StoreSpec;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * The stores that the named caches of this process share, by the path of the file. The first cache
 * opens a store, the last one closes it.
 */
final class SharedStores {
  private final Map<Path, Shared> byPath = new HashMap<>(); // guarded by this
  private final Function<StoreSpec, Store> opener;

  SharedStores(Function<StoreSpec, Store> opener) {
    this.opener = opener;
  }

  private record Shared(StoreSpec spec, Store store) {}

  /**
   * Opens a cache in the store of its file.
   *
   * @throws IllegalArgumentException if the store is open with other settings
   */
  synchronized <K, V> CacheContext<K, V> open(
      StoreSpec spec, String name, CarafeSpec<K, V> settings) {
    Path path = pathOf(spec);
    Shared shared = byPath.get(path);
    if (shared == null) {
      shared = new Shared(spec, opener.apply(spec));
      byPath.put(path, shared);
    } else if (!shared.spec.equals(spec)) {
      throw new IllegalArgumentException(
          "cache '"
              + name
              + "' shares "
              + path
              + ", which is open in this process with other settings: "
              + shared.spec
              + ", here "
              + spec
              + "; use equal settings of memory, indexMemory, file, persistWithin, writeBudget and"
              + " ticker, or another file");
    }
    Store store = shared.store;
    try {
      // the memory of the settings is that of the store: the cache has no reserve and no ceiling
      MemoryLimits none = new MemoryLimits(0, MemoryLimits.NO_LIMIT, MemoryLimits.NO_LIMIT);
      return store.openCache(name, settings.withMemory(none), () -> closeIfUnused(path, store));
    } finally {
      closeIfUnused(path, store); // if the cache could not be opened
    }
  }

  private synchronized void closeIfUnused(Path path, Store store) {
    if (store.isUnused()) {
      Shared shared = byPath.get(path);
      if (shared != null && shared.store == store) {
        byPath.remove(path);
      }
      store.close();
    }
  }

  private static Path pathOf(StoreSpec spec) {
    FileOptions file = Objects.requireNonNull(spec.file(), "a shared store has a file");
    return file.path().toAbsolutePath().normalize();
  }
}
