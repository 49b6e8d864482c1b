package dev.carafe.infinispan;

import dev.carafe.CarafeStore;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.infinispan.persistence.spi.PersistenceException;
import org.infinispan.util.concurrent.BlockingManager;

/**
 * What a started store has. Runs its blocking tasks.
 *
 * @param store the caches of the segments
 * @param segments the segments that have had an entry
 * @param entries publishes entries
 * @param blocking Infinispan's threads
 * @param configuration the settings
 * @param file of the store
 * @param <K> keys
 * @param <V> values
 */
record RunningStore<K, V>(
    CarafeStore store,
    Segments segments,
    EntryPublisher<K, V> entries,
    BlockingManager blocking,
    CarafeStoreConfiguration configuration,
    Path file) {

  CompletionStage<Void> run(String task, Runnable body) {
    return blocking.runBlocking(() -> guarded(task, body), "carafe-" + task);
  }

  <T> CompletionStage<T> supply(String task, Supplier<T> body) {
    return blocking.supplyBlocking(
        () -> {
          try {
            return body.get();
          } catch (RuntimeException e) {
            throw failed(task, e);
          }
        },
        "carafe-" + task);
  }

  void guarded(String task, Runnable body) {
    try {
      body.run();
    } catch (RuntimeException e) {
      throw failed(task, e);
    }
  }

  PersistenceException failed(String task, RuntimeException e) {
    return e instanceof PersistenceException already
        ? already
        : new PersistenceException(file + ": " + task + " failed: " + e.getMessage(), e);
  }

  /** Makes acknowledged changes durable, if the configuration says so. */
  void sync() {
    if (configuration.syncWrites()) {
      store.flush();
    }
  }
}
