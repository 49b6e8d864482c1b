package dev.carafe.cache;

import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Policy.VarExpiration;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Calls of a cache, its map and its variable expiry with random arguments. */
final class CacheCalls {
  private static final int KEYS = 5;

  private CacheCalls() {}

  /** One call, with arguments from the same random numbers for each cache. */
  interface Call {
    @Nullable Object on(LoadingCache<String, String> cache, SplittableRandom random);
  }

  /** Returns an equal string that is another object. */
  static String copy(String text) {
    return String.valueOf(text.toCharArray());
  }

  /** A loader that returns a value, returns null or throws, depending on the key. */
  static @Nullable String load(String key) {
    return switch (key) {
      case "k3" -> null;
      case "k4" -> throw new IllegalArgumentException(key);
      default -> copy("loaded");
    };
  }

  static String key(SplittableRandom random) {
    return "k" + random.nextInt(KEYS);
  }

  /**
   * Returns a key whose load does not throw. INTEGRATIONS states the difference of {@code getAll}
   * for the others.
   */
  static String loaded(SplittableRandom random) {
    return "k" + random.nextInt(KEYS - 1);
  }

  /** Returns a new object, which is often equal to an earlier one. */
  static String value(SplittableRandom random) {
    return copy("v" + random.nextInt(3));
  }

  /**
   * Returns a remapping function that returns its argument, an equal object, another value or null,
   * or throws.
   */
  static BiFunction<Object, @Nullable String, @Nullable String> remapping(SplittableRandom random) {
    int kind = random.nextInt(6);
    String fresh = value(random);
    return (key, before) ->
        switch (kind) {
          case 0, 1 -> before;
          case 2 -> before == null ? null : copy(before);
          case 3 -> null;
          case 4 -> throw new IllegalStateException("remapping");
          default -> fresh;
        };
  }

  @SuppressWarnings("NullAway") // the calls pass null
  static Map<String, Call> calls() {
    Map<String, Call> calls = new TreeMap<>();
    calls.put(
        "put",
        (c, r) -> {
          c.put(key(r), value(r));
          return null;
        });
    calls.put(
        "putAll",
        (c, r) -> {
          c.putAll(Map.of("k0", value(r), "k1", value(r)));
          return null;
        });
    calls.put("getIfPresent", (c, r) -> c.getIfPresent(key(r)));
    calls.put("get", (c, r) -> c.get(key(r)));
    calls.put("get with", (c, r) -> c.get(key(r), CacheCalls::load));
    calls.put("getAll", (c, r) -> new TreeMap<>(c.getAll(List.of(loaded(r), loaded(r)))));
    calls.put(
        "getAll with",
        (c, r) ->
            new TreeMap<>(
                c.getAll(
                    List.of("k0", "k3"),
                    requested -> {
                      Map<String, String> loaded = new HashMap<>();
                      requested.forEach(key -> loaded.put(key, "bulk"));
                      return loaded;
                    })));
    calls.put("getAllPresent", (c, r) -> new TreeMap<>(c.getAllPresent(List.of(key(r), key(r)))));
    calls.put(
        "invalidate",
        (c, r) -> {
          c.invalidate(key(r));
          return null;
        });
    calls.put(
        "invalidateAll of",
        (c, r) -> {
          c.invalidateAll(List.of(key(r), key(r)));
          return null;
        });
    calls.put(
        "refresh",
        (c, r) -> {
          var _ = c.refresh(key(r)).handle((value, failure) -> value);
          return null;
        });
    return calls;
  }

  static Map<String, BiFunction<ConcurrentMap<String, String>, SplittableRandom, Object>>
      mapCalls() {
    Map<String, BiFunction<ConcurrentMap<String, String>, SplittableRandom, Object>> calls =
        new TreeMap<>();
    calls.put("map.get", (m, r) -> Objects.toString(m.get(key(r))));
    calls.put("map.getOrDefault", (m, r) -> m.getOrDefault(key(r), "none"));
    calls.put("map.containsKey", (m, r) -> m.containsKey(key(r)));
    calls.put("map.containsValue", (m, r) -> m.containsValue(value(r)));
    calls.put("map.put", (m, r) -> Objects.toString(m.put(key(r), value(r))));
    calls.put("map.putIfAbsent", (m, r) -> Objects.toString(m.putIfAbsent(key(r), value(r))));
    calls.put("map.remove", (m, r) -> Objects.toString(m.remove(key(r))));
    calls.put("map.remove if", (m, r) -> m.remove(key(r), value(r)));
    calls.put("map.replace", (m, r) -> Objects.toString(m.replace(key(r), value(r))));
    calls.put("map.replace if", (m, r) -> m.replace(key(r), value(r), value(r)));
    calls.put(
        "map.computeIfAbsent",
        (m, r) -> Objects.toString(m.computeIfAbsent(key(r), CacheCalls::load)));
    calls.put(
        "map.computeIfPresent",
        (m, r) -> Objects.toString(m.computeIfPresent(key(r), remapping(r))));
    calls.put("map.compute", (m, r) -> Objects.toString(m.compute(key(r), remapping(r))));
    calls.put(
        "map.merge",
        (m, r) -> {
          var remapping = remapping(r);
          boolean toGiven = r.nextInt(4) == 0;
          return Objects.toString(
              m.merge(
                  key(r),
                  value(r),
                  (before, given) -> toGiven ? given : remapping.apply("", before)));
        });
    calls.put(
        "map.replaceAll",
        (m, r) -> {
          var remapping = remapping(r);
          m.replaceAll(remapping);
          return "";
        });
    calls.put("keys.remove", (m, r) -> m.keySet().remove(key(r)));
    calls.put("keys.retainAll", (m, r) -> m.keySet().retainAll(List.of("k0", "k1", key(r))));
    calls.put("values.remove", (m, r) -> one(m, value(r)) && m.values().remove("v0"));
    calls.put("values.removeIf", (m, r) -> m.values().removeIf(value(r)::equals));
    calls.put("entries.remove", (m, r) -> m.entrySet().remove(Map.entry(key(r), value(r))));
    calls.put(
        "entries.removeIf",
        (m, r) -> {
          String key = key(r);
          return m.entrySet().removeIf(entry -> entry.getKey().equals(key));
        });
    calls.put(
        "iterator.remove",
        (m, r) -> {
          String key = key(r);
          var keys = m.keySet().iterator();
          while (keys.hasNext()) {
            if (keys.next().equals(key)) {
              keys.remove();
            }
          }
          return new TreeSet<>(m.keySet());
        });
    calls.put(
        "entry.setValue",
        (m, r) -> {
          String key = key(r);
          String value = value(r);
          m.entrySet().stream().filter(e -> e.getKey().equals(key)).forEach(e -> e.setValue(value));
          return "";
        });
    return calls;
  }

  /**
   * Returns whether at most one key has this value, so that the result does not depend on the order
   * of the map.
   */
  static boolean one(Map<String, String> map, String value) {
    return value.equals("v0") && map.values().stream().filter(value::equals).count() <= 1;
  }

  @SuppressWarnings("NullAway") // a remapping may return null
  static Map<String, Call> timedCalls() {
    Map<String, BiFunction<VarExpiration<String, String>, SplittableRandom, @Nullable Object>>
        calls = new TreeMap<>();
    calls.put("timed.put", (v, r) -> v.put(key(r), value(r), life(r)));
    calls.put("timed.putIfAbsent", (v, r) -> v.putIfAbsent(key(r), value(r), life(r)));
    calls.put("timed.compute", (v, r) -> v.compute(key(r), remapping(r), life(r)));
    calls.put(
        "timed.set",
        (v, r) -> {
          v.setExpiresAfter(key(r), life(r));
          return null;
        });
    calls.put("timed.get", (v, r) -> v.getExpiresAfter(key(r), TimeUnit.SECONDS));
    Map<String, Call> all = new TreeMap<>();
    calls.forEach((name, call) ->
        all.put(name, (c, r) -> call.apply(c.policy().expireVariably().orElseThrow(), r)));
    return all;
  }

  static Duration life(SplittableRandom random) {
    return Duration.ofSeconds(2 + random.nextInt(7) * 2L);
  }
}
