package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Removals by the views of an asynchronous cache, while a load of the key "loading" is under way
 * and the key "present" has a value. Compares the results and the remaining entries with Caffeine
 * (F4, R2).
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PendingFutureRemovalTest {
  @TempDir Path directory;
  private int files;

  private CarafeBuilder<String, String> builder(boolean file) {
    CarafeBuilder<String, String> builder =
        Carafe.newBuilder()
            .keyCodec(Codec.utf8())
            .valueCodec(Codec.utf8())
            .memory(MIB)
            .executor(Runnable::run);
    return file ? builder.file(directory.resolve("f" + files++), 4 * MIB) : builder;
  }

  private static int removeByIterator(Collection<?> view) {
    int removed = 0;
    for (Iterator<?> each = view.iterator(); each.hasNext(); removed++) {
      each.next();
      each.remove();
    }
    return removed;
  }

  private static Object cleared(Collection<?> view) {
    view.clear();
    return "";
  }

  /** Removals that wait for no future. */
  private static Map<String, Function<ConcurrentMap<String, ?>, Object>> removals() {
    Map<String, Function<ConcurrentMap<String, ?>, Object>> calls = new LinkedHashMap<>();
    calls.put("keySet.remove", m -> m.keySet().remove("loading"));
    calls.put("keySet.removeIf", m -> m.keySet().removeIf("loading"::equals));
    calls.put("keySet.removeIf of all", m -> m.keySet().removeIf(key -> true));
    calls.put("keySet.removeIf of none", m -> m.keySet().removeIf(key -> false));
    calls.put("keySet.removeAll", m -> m.keySet().removeAll(Set.of("loading", "other")));
    calls.put(
        "keySet.removeAll of more keys",
        m -> m.keySet().removeAll(List.of("loading", "present", "other", "fourth")));
    calls.put("keySet.retainAll", m -> m.keySet().retainAll(Set.of("present")));
    calls.put("keySet.retainAll of the load", m -> m.keySet().retainAll(Set.of("loading")));
    calls.put("keySet.clear", m -> cleared(m.keySet()));
    calls.put("keySet.iterator", m -> removeByIterator(m.keySet()));
    calls.put(
        "entrySet.removeIf", m -> m.entrySet().removeIf(entry -> entry.getKey().equals("loading")));
    calls.put("entrySet.removeIf of all", m -> m.entrySet().removeIf(entry -> true));
    calls.put("entrySet.retainAll", m -> m.entrySet().retainAll(Set.of(Map.entry("present", "p"))));
    calls.put("entrySet.clear", m -> cleared(m.entrySet()));
    calls.put("entrySet.iterator", m -> removeByIterator(m.entrySet()));
    calls.put("values.removeIf", m -> m.values().removeIf(value -> true));
    calls.put("values.remove", m -> m.values().remove("v"));
    calls.put("values.removeAll", m -> m.values().removeAll(Set.of("v")));
    calls.put("values.retainAll", m -> m.values().retainAll(Set.of("p")));
    calls.put("values.clear", m -> cleared(m.values()));
    calls.put("values.iterator", m -> removeByIterator(m.values()));
    return calls;
  }

  /** Calls a removal during the load, and returns its result and the remaining entries. */
  private static String outcome(
      AsyncCache<String, String> cache,
      Function<AsyncCache<String, String>, ConcurrentMap<String, ?>> view,
      Function<ConcurrentMap<String, ?>, Object> removal) {
    CompletableFuture<String> load = begin(cache);
    Object result = removal.apply(view.apply(cache));
    boolean loading = cache.getIfPresent("loading") != null;
    load.complete("v");
    return result + ", loading " + loading + ", entries " + remaining(cache);
  }

  private static CompletableFuture<String> begin(AsyncCache<String, String> cache) {
    CompletableFuture<String> load = new CompletableFuture<>();
    cache.synchronous().put("present", "p");
    var _ = cache.get("loading", (key, executor) -> load);
    return load;
  }

  private static String remaining(AsyncCache<String, String> cache) {
    return cache.synchronous().getIfPresent("loading")
        + " "
        + cache.synchronous().getIfPresent("present");
  }

  private static AsyncCache<String, String> caffeine() {
    return Caffeine.newBuilder().executor(Runnable::run).buildAsync();
  }

  private void assertSameAsCaffeine(
      String name, Function<AsyncCache<String, String>, ConcurrentMap<String, ?>> view) {
    removals()
        .forEach((removalName, removal) -> {
          String expected = outcome(caffeine(), view, removal);
          for (boolean file : new boolean[] {false, true}) {
            try (AsyncCarafe<String, String> cache = builder(file).buildAsync()) {
              assertEquals(
                  expected,
                  outcome(cache, view, removal),
                  () -> name + "." + removalName + ", file " + file);
            }
          }
        });
  }

  @Test
  void viewsOfValuesRemoveFutures() {
    assertSameAsCaffeine("synchronous().asMap()", cache -> cache.synchronous().asMap());
  }

  @Test
  void viewsOfFuturesRemoveFutures() {
    assertSameAsCaffeine("asMap()", AsyncCache::asMap);
  }

  /** Removes the key of the load, and completes the load after the key has no future. */
  private static String removeDuringLoad(AsyncCache<String, String> cache, @Nullable String value)
      throws Exception {
    CompletableFuture<String> load = begin(cache);
    CompletableFuture<String> removed =
        CompletableFuture.supplyAsync(
            () -> "removed " + cache.synchronous().asMap().remove("loading"),
            task -> Thread.ofPlatform().daemon().start(task));
    while (cache.getIfPresent("loading") != null) {
      Thread.onSpinWait(); // bounded by the timeout of the test
    }
    if (value == null) {
      load.completeExceptionally(new IllegalStateException("no value"));
    } else {
      load.complete(value);
    }
    return removed.get(30, TimeUnit.SECONDS) + ", entries " + remaining(cache);
  }

  @Test
  void removeOfTheMapReturnsTheValueOfTheFuture() throws Exception {
    for (String value : Stream.of("v", null).toArray(String[]::new)) {
      String expected = removeDuringLoad(caffeine(), value);
      for (boolean file : new boolean[] {false, true}) {
        try (AsyncCarafe<String, String> cache = builder(file).buildAsync()) {
          assertEquals(expected, removeDuringLoad(cache, value), "file " + file);
        }
      }
    }
  }
}
