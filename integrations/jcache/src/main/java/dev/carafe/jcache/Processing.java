package dev.carafe.jcache;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.cache.integration.CacheLoader;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorException;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;

/** Entry processors. Each runs under its key's lock; its changes are applied when it returns. */
record Processing<K, V>(
    EntryOperations<K, V> operations, Statistics statistics, @Nullable CacheLoader<K, V> loader) {
  <T extends @Nullable Object> T invoke(
      K key, EntryProcessor<K, V, T> processor, @Nullable Object... arguments) {
    return operations.locked(
        key,
        k -> {
          long start = statistics.start();
          V before = operations.peek(k);
          statistics.got(before == null ? 0 : 1, before == null ? 1 : 0, start);
          ProcessedEntry<K, V> entry = new ProcessedEntry<>(k, before, loader);
          return guarded(() -> {
            T result = processor.process(entry, arguments);
            carryOut(entry, start);
            return result;
          });
        });
  }

  private void carryOut(ProcessedEntry<K, V> entry, long start) {
    K key = entry.getKey();
    switch (entry.action()) {
      case NONE -> {}
      case READ -> operations.accessed(key);
      case LOADED -> {
        operations.create(key, requireNonNull(entry.getValue()));
        operations.supersede(key);
      }
      case CREATED, UPDATED -> {
        boolean written = operations.set(key, requireNonNull(entry.getValue()), true);
        statistics.put(written ? 1 : 0, start);
      }
      case DELETED -> {
        boolean removed = operations.discard(key, true);
        statistics.removed(removed ? 1 : 0, start);
      }
    }
  }

  /** Invokes a processor for each key, and collects what it returned or threw. */
  static <K, T> Map<K, EntryProcessorResult<T>> invokeAll(
      Set<? extends K> keys, Function<K, @Nullable T> invocation) {
    Map<K, EntryProcessorResult<T>> results = new LinkedHashMap<>();
    for (K key : keys) {
      try {
        T result = invocation.apply(key);
        if (result != null) {
          results.put(key, () -> result);
        }
      } catch (EntryProcessorException e) {
        results.put(
            key,
            () -> {
              throw e;
            });
      }
    }
    return results;
  }

  /** Runs a processor, and throws an {@link EntryProcessorException} for each exception. */
  static <T extends @Nullable Object> T guarded(Supplier<T> processing) {
    try {
      return processing.get();
    } catch (EntryProcessorException | Error e) {
      throw e;
    } catch (Throwable t) { // also checked exceptions, which not all languages declare
      throw new EntryProcessorException(t);
    }
  }
}
