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
}
