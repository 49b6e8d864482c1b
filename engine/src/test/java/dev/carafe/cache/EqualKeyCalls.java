package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.IntFunction;

/**
 * Operations with keys whose encoded bytes are equal (R7). {@code keys} returns an object for a
 * number, which need not equal an earlier one.
 */
final class EqualKeyCalls {
  private EqualKeyCalls() {}

  /** Writes two keys. */
  static <K> void write(Carafe<K, String> cache, IntFunction<K> keys) {
    cache.put(keys.apply(1), "first");
    cache.put(keys.apply(1), "one");
    cache.put(keys.apply(2), "two");
    assertEquals(2, cache.estimatedSize());
  }

  /** Reads the two keys by each operation, and removes them. */
  static <K> void readAndRemove(Carafe<K, String> cache, IntFunction<K> keys) {
    ConcurrentMap<K, String> map = cache.asMap();
    assertEquals("one", cache.getIfPresent(keys.apply(1)));
    assertEquals("two", map.get(keys.apply(2)));
    assertTrue(map.containsKey(keys.apply(1)));
    assertEquals("two", cache.policy().getIfPresentQuietly(keys.apply(2)));
    assertEquals("one", cache.get(keys.apply(1), key -> "loaded"));
    assertEquals("one", map.putIfAbsent(keys.apply(1), "late"));
    assertEquals("one+", map.compute(keys.apply(1), (key, value) -> value + "+"));
    assertEquals("one+!", map.merge(keys.apply(1), "!", String::concat));
    assertTrue(map.replace(keys.apply(1), "one+!", "one"));
    assertEquals(Map.of("one", 1, "two", 1), counts(cache.getAllPresent(twice(keys)).values()));
    assertEquals("one", cache.getAllPresent(twice(keys)).get(keys.apply(1)));
    assertTrue(map.keySet().contains(keys.apply(1)));
    assertTrue(map.entrySet().contains(Map.entry(keys.apply(1), "one")));
    assertFalse(map.remove(keys.apply(1), "other"));
    cache.invalidate(keys.apply(1));
    assertNull(cache.getIfPresent(keys.apply(1)));
    assertEquals("two", map.remove(keys.apply(2)));
    assertNull(map.get(keys.apply(2)));
  }

  private static <K> List<K> twice(IntFunction<K> keys) {
    return List.of(keys.apply(1), keys.apply(2), keys.apply(1), keys.apply(2));
  }

  private static Map<String, Integer> counts(Iterable<String> values) {
    Map<String, Integer> counts = new HashMap<>();
    values.forEach(value -> counts.merge(value, 1, Integer::sum));
    return counts;
  }

  static <K> void callBulkOperations(Carafe<K, String> cache, IntFunction<K> keys) {
    Map<K, String> all =
        cache.getAll(
            twice(keys),
            missing -> {
              assertEquals(2, missing.size());
              assertTrue(missing.contains(keys.apply(2)));
              IdentityHashMap<K, String> loaded = new IdentityHashMap<>();
              loaded.put(keys.apply(1), "one");
              loaded.put(keys.apply(2), "two");
              return loaded;
            });
    assertEquals(2, all.size());
    assertEquals("two", all.get(keys.apply(2)));
    assertEquals("one", cache.getIfPresent(keys.apply(1)));
    Set<K> shown = cache.asMap().keySet();
    assertTrue(shown.removeAll(List.of(keys.apply(1))));
    assertFalse(shown.contains(keys.apply(1)));
    int before = shown.size();
    int seen = 0;
    for (K key : cache.asMap().keySet()) {
      assertNotNull(cache.getIfPresent(key), "a key that is shown leads to its value");
      seen++;
    }
    assertEquals(before, seen);
    assertTrue(cache.asMap().entrySet().removeIf(entry -> entry.getValue().equals("two")));
    assertNull(cache.getIfPresent(keys.apply(2)));
    cache.put(keys.apply(1), "again");
    cache.invalidateAll(twice(keys));
    assertNull(cache.getIfPresent(keys.apply(1)));
  }
}
