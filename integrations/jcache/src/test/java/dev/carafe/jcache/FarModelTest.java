package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.carafe.redis.testing.RedisForTests;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import javax.cache.Cache;
import javax.cache.CacheManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random operations have the same results, and statistics, with a far side as without one. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FarModelTest {
  private static final int OPERATIONS = 2000;

  @TempDir Path folder;

  @Test
  void operationsHaveTheResultsOfALocalCache() {
    long seed = Long.getLong("carafe.test.seed", System.nanoTime());
    Random random = new Random(seed);
    Properties settings = new Properties();
    settings.setProperty("carafe.default.keyCodec", "utf8");
    settings.setProperty("carafe.default.valueCodec", "utf8");
    settings.setProperty("carafe.default.memory", "1m");
    settings.setProperty("carafe.cache.local.statistics", "true");
    settings.setProperty("carafe.cache.far.statistics", "true");
    try (RedisForTests server = new RedisForTests(folder);
        CarafeCachingProvider provider = new CarafeCachingProvider()) {
      settings.setProperty("carafe.cache.far.far", server.address());
      CacheManager manager = provider.getCacheManager(null, null, settings);
      Cache<String, String> local = manager.getCache("local");
      Cache<String, String> far = manager.getCache("far");
      for (int i = 0; i < OPERATIONS; i++) {
        int operation = random.nextInt(18);
        String key = "k" + random.nextInt(8);
        String other = "k" + random.nextInt(8);
        String value = "v" + random.nextInt(3);
        String change = "v" + random.nextInt(3);
        Object expected = result(local, operation, key, other, value, change);
        Object actual = result(far, operation, key, other, value, change);
        String what = "operation " + operation + " of step " + i + ", seed " + seed;
        assertEquals(expected, actual, what);
        Statistics one = ((CarafeJCache<?, ?>) local).parts().statistics();
        Statistics two = ((FarJCache<?, ?>) far).parts().statistics();
        assertEquals(counts(one), counts(two), what);
      }
    }
  }

  private static Map<String, Long> counts(Statistics statistics) {
    return Map.of(
        "hits", statistics.getCacheHits(),
        "misses", statistics.getCacheMisses(),
        "puts", statistics.getCachePuts(),
        "removals", statistics.getCacheRemovals());
  }

  private static Object result(
      Cache<String, String> cache,
      int operation,
      String key,
      String other,
      String value,
      String change) {
    return switch (operation) {
      case 0 -> cache.get(key);
      case 1 -> cache.getAll(Set.copyOf(Set.of("k0", "k1", "k2")));
      case 2 -> cache.containsKey(key);
      case 3 -> nothing(() -> cache.put(key, value));
      case 4 -> nothing(() -> cache.putAll(Map.of("k1", value, "k2", change)));
      case 5 -> cache.getAndPut(key, value);
      case 6 -> cache.putIfAbsent(key, value);
      case 7 -> cache.remove(key);
      case 8 -> cache.remove(key, value);
      case 9 -> cache.getAndRemove(key);
      case 10 -> cache.replace(key, value, change);
      case 11 -> cache.replace(key, value);
      case 12 -> cache.getAndReplace(key, value);
      case 13 -> nothing(() -> cache.removeAll(Set.of("k3", "k4")));
      case 14 ->
          cache.invoke(
              key,
              (entry, arguments) -> {
                String old = entry.exists() ? entry.getValue() : "none";
                entry.setValue(value);
                return old;
              });
      case 15 ->
          cache.invoke(
              key,
              (entry, arguments) -> {
                boolean existed = entry.exists();
                entry.remove();
                return existed;
              });
      case 16 -> cache.invoke(key, (entry, arguments) -> entry.getValue());
      default ->
          cache.invoke(
              key,
              (entry, arguments) -> {
                entry.setValue(change);
                entry.remove();
                return entry.exists() ? other : value;
              });
    };
  }

  private static Object nothing(Runnable operation) {
    operation.run();
    return "done";
  }
}
