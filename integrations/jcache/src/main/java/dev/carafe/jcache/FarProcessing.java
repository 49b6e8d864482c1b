package dev.carafe.jcache;

import dev.carafe.jcache.ProcessedEntry.Action;
import dev.carafe.redis.NearChanges;
import dev.carafe.redis.NearChanges.Step;
import javax.cache.integration.CacheLoader;
import javax.cache.processor.EntryProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Entry processors of a cache with a far side.
 *
 * @param loader of what a processor misses; null unless the cache is read-through
 */
record FarProcessing<K, V>(
    NearChanges<K, V> changes, Statistics statistics, @Nullable CacheLoader<K, V> loader) {
  /** What the last run of a processor did. */
  private static final class Run<T> {
    private @Nullable T result;
    private boolean hit;
    private Action action = Action.NONE;
  }

  /** Runs the processor, and again if another process changes the key before its change is made. */
  <T> @Nullable T invoke(K key, EntryProcessor<K, V, T> processor, Object... arguments) {
    long start = statistics.start();
    Run<T> last = new Run<>();
    boolean changed =
        changes.compute(
            key,
            old -> {
              ProcessedEntry<K, V> entry = new ProcessedEntry<>(key, old, loader);
              last.result = Processing.guarded(() -> processor.process(entry, arguments));
              last.hit = old != null;
              last.action = entry.action();
              return switch (entry.action()) {
                case NONE, READ -> Step.none();
                case LOADED, CREATED, UPDATED -> Step.set(entry.getValue());
                case DELETED -> Step.remove();
              };
            });
    statistics.got(last.hit ? 1 : 0, last.hit ? 0 : 1, start);
    boolean put = last.action == Action.CREATED || last.action == Action.UPDATED;
    statistics.put(changed && put ? 1 : 0, start);
    statistics.removed(changed && last.action == Action.DELETED ? 1 : 0, start);
    return last.result;
  }
}
