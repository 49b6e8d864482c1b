package dev.carafe.infinispan;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.infinispan.Cache;
import org.infinispan.factories.ComponentRegistry;
import org.infinispan.persistence.manager.PersistenceManager;

/** The stores of running caches. */
final class Stores {
  private Stores() {}

  @SuppressWarnings("unchecked")
  static <K, V> CarafeNonBlockingStore<K, V> of(Cache<K, V> cache) {
    return (CarafeNonBlockingStore<K, V>)
        ComponentRegistry.componentOf(cache, PersistenceManager.class)
            .getStores(CarafeNonBlockingStore.class)
            .iterator()
            .next();
  }

  static <T> T join(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
