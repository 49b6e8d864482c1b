package dev.carafe.spi;

import java.util.ServiceLoader;

/** An engine, found by {@link java.util.ServiceLoader}. */
public interface CarafeEngine extends CacheEngine {
  /**
   * Finds the engine.
   *
   * @return the first on the class path
   * @throws IllegalStateException if there is none
   */
  static CarafeEngine find() {
    return ServiceLoader.load(CarafeEngine.class, CarafeEngine.class.getClassLoader())
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "no engine on the class path: add the artifact dev.carafe:carafe-engine"));
  }

  /**
   * Opens a store.
   *
   * @param spec the checked settings
   * @return an open store
   */
  StoreEngine openStore(StoreSpec spec);

  /**
   * Returns an engine that opens a cache in the store of a file, which all named caches of this
   * process share. The first of them opens the store, the last one closes it.
   *
   * @param spec the checked settings of the store, with a file
   * @param name of the cache
   * @return an engine for one cache; it throws {@link IllegalArgumentException} if the store is
   *     open with other settings
   */
  CacheEngine shared(StoreSpec spec, String name);
}
