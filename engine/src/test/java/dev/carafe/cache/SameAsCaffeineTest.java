package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.github.benmanes.caffeine.cache.Policy.VarExpiration;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.RemovalListener;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.LoadingCarafe;
import dev.carafe.base.Soak;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same random calls of the cache, its map and its expiry, made on Caffeine, on a cache without
 * a file and on one with: results, what listeners are told, and statistics are the same after each
 * call.
 */
final class SameAsCaffeineTest {
  private static final int STEPS = Soak.times(800, 20_000);
  private static final int KEYS = 5;
  private static final Duration LIFE = Duration.ofSeconds(10);

  @TempDir Path directory;
  private final AtomicLong clock = new AtomicLong();

  /** How entries expire. */
  enum Ends {
    NEVER,
    AFTER_WRITE,
    AFTER_ACCESS,
    VARIABLE
  }

  /** A cache and what its listeners were told since the last call. */
  private record Subject(LoadingCache<String, String> cache, List<String> told) {
    String outcome(Call call, SplittableRandom random) {
      told.clear();
      String result;
      try {
        result = Objects.toString(call.on(cache, random));
      } catch (RuntimeException e) {
        result = e.getClass().getSimpleName();
      }
      cache.cleanUp();
      told.sort(null);
      CacheStats stats = cache.stats();
      return result
          + " told "
          + told
          + " has "
          + contents()
          + " hits "
          + stats.hitCount()
          + " misses "
          + stats.missCount()
          + " loads "
          + stats.loadSuccessCount()
          + " failed "
          + stats.loadFailureCount()
          + " evicted "
          + stats.evictionCount();
    }

    /** The values and how long they live. */
    private Map<String, String> contents() {
      Map<String, String> contents = new TreeMap<>();
      for (String key : cache.asMap().keySet()) {
        var entry = cache.policy().getEntryIfPresentQuietly(key);
        if (entry != null) {
          contents.put(key, entry.getValue() + " for " + entry.expiresAfter());
        }
      }
      return contents;
    }
  }

  /** One call, with arguments from the same random numbers for each cache. */
  private interface Call {
    @Nullable Object on(LoadingCache<String, String> cache, SplittableRandom random);
  }

  /** Another object. */
  private static String copy(String text) {
    return String.valueOf(text.toCharArray());
  }

  /** A load brings a value, nothing, or an exception. */
  private static @Nullable String load(String key) {
    return switch (key) {
      case "k3" -> null;
      case "k4" -> throw new IllegalArgumentException(key);
      default -> copy("loaded");
    };
  }

  private static String key(SplittableRandom random) {
    return "k" + random.nextInt(KEYS);
  }

  /** A key whose load does not throw: see INTEGRATIONS of the others in {@code getAll}. */
  private static String loaded(SplittableRandom random) {
    return "k" + random.nextInt(KEYS - 1);
  }

  /** A new object each time, and often equal to another. */
  private static String value(SplittableRandom random) {
    return copy("v" + random.nextInt(3));
  }

  /** What a remapping function returns: its argument, one that is equal, another, none, or none. */
  private static BiFunction<Object, @Nullable String, @Nullable String> remapping(
      SplittableRandom random) {
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

  @SuppressWarnings("NullAway") // null is what is tried
  private static Map<String, Call> calls() {
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
    calls.put("get with", (c, r) -> c.get(key(r), SameAsCaffeineTest::load));
    calls.put("getAll", (c, r) -> new TreeMap<>(c.getAll(List.of(loaded(r), loaded(r)))));
    calls.put(
        "getAll with",
        (c, r) ->
            new TreeMap<>(
                c.getAll(
                    List.of("k0", "k3"),
                    asked -> {
                      Map<String, String> loaded = new HashMap<>();
                      asked.forEach(key -> loaded.put(key, "bulk"));
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

  private static Map<String, BiFunction<ConcurrentMap<String, String>, SplittableRandom, Object>>
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
        (m, r) -> Objects.toString(m.computeIfAbsent(key(r), SameAsCaffeineTest::load)));
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

  /** Whether at most one key has this value, so that any order of the map removes the same. */
  private static boolean one(Map<String, String> map, String value) {
    return value.equals("v0") && map.values().stream().filter(value::equals).count() <= 1;
  }

  @SuppressWarnings("NullAway") // a remapping may return null
  private static Map<String, Call> timedCalls() {
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

  private static Duration life(SplittableRandom random) {
    return Duration.ofSeconds(2 + random.nextInt(7) * 2L);
  }

  /** Another end for each way in which a value is touched. */
  private static final Expiry<String, String> EXPIRY =
      new Expiry<>() {
        @Override
        public long expireAfterCreate(String key, String value, long currentTime) {
          return LIFE.toNanos();
        }

        @Override
        public long expireAfterUpdate(String key, String value, long now, long currentDuration) {
          return key.equals("k0") ? currentDuration : LIFE.toNanos() * 2;
        }

        @Override
        public long expireAfterRead(String key, String value, long now, long currentDuration) {
          return key.equals("k1") ? Duration.ofSeconds(4).toNanos() : currentDuration;
        }
      };

  private Subject caffeine(Ends ends, boolean async) {
    List<String> told = new ArrayList<>();
    Caffeine<String, String> builder =
        Caffeine.newBuilder()
            .ticker(clock::get)
            .executor(Runnable::run)
            .recordStats()
            .removalListener(telling(told, "removed "));
    if (!async) {
      builder.evictionListener(telling(told, "evicted "));
    }
    switch (ends) {
      case NEVER -> {}
      case AFTER_WRITE -> builder.expireAfterWrite(LIFE);
      case AFTER_ACCESS -> builder.expireAfterAccess(LIFE);
      case VARIABLE -> builder.expireAfter(EXPIRY);
    }
    return new Subject(
        async ? builder.buildAsync(loader()).synchronous() : builder.build(loader()), told);
  }

  private Subject carafe(Ends ends, boolean async, boolean file) {
    List<String> told = new ArrayList<>();
    CarafeBuilder<String, String> builder =
        dev.carafe.Carafe.newBuilder()
            .keyCodec(Codec.utf8())
            .valueCodec(Codec.utf8())
            .memory(Caches.MIB)
            .ticker(clock::get)
            .executor(Runnable::run)
            .recordStats()
            .removalListener(telling(told, "removed "));
    if (!async) {
      builder = builder.evictionListener(telling(told, "evicted "));
    }
    if (file) {
      builder =
          builder.file(FileOptions.at(directory.resolve("c"), 16 * Caches.MIB).withIo(Io.CHANNEL));
    }
    builder =
        switch (ends) {
          case NEVER -> builder;
          case AFTER_WRITE -> builder.expireAfterWrite(LIFE);
          case AFTER_ACCESS -> builder.expireAfterAccess(LIFE);
          case VARIABLE -> builder.expireAfter(EXPIRY);
        };
    return new Subject(
        async ? builder.buildAsync(loader()).synchronous() : builder.build(loader()), told);
  }

  @SuppressWarnings("NullAway") // a loader may return null
  private static CacheLoader<String, String> loader() {
    Function<String, @Nullable String> load = SameAsCaffeineTest::load;
    return load::apply;
  }

  private static RemovalListener<String, String> telling(List<String> told, String what) {
    return (@Nullable String key, @Nullable String value, RemovalCause cause) ->
        told.add(what + key + "=" + value + " " + cause);
  }

  @ParameterizedTest
  @EnumSource(Ends.class)
  void everyCallHasTheSameOutcome(Ends ends) {
    compare(ends, false);
  }

  @ParameterizedTest
  @EnumSource(Ends.class)
  void everyCallOfTheSynchronousViewHasTheSameOutcome(Ends ends) {
    compare(ends, true);
  }

  private void compare(Ends ends, boolean async) {
    Map<String, Call> calls = calls();
    mapCalls().forEach((name, call) -> calls.put(name, (c, r) -> call.apply(c.asMap(), r)));
    if (ends == Ends.VARIABLE) {
      calls.putAll(timedCalls());
    }
    List<String> names = List.copyOf(calls.keySet());
    Soak.seeded(random -> {
      Subject caffeine = caffeine(ends, async);
      Subject memory = carafe(ends, async, false);
      Subject file = carafe(ends, async, true);
      try (var _ = (LoadingCarafe<String, String>) memory.cache();
          var _ = (LoadingCarafe<String, String>) file.cache()) {
        for (int step = 0; step < STEPS; step++) {
          // by two seconds: Caffeine leaves an end that would move by one or less
          clock.addAndGet(Duration.ofSeconds(random.nextInt(3) * 2L).toNanos());
          String name = names.get(random.nextInt(names.size()));
          Call call = Objects.requireNonNull(calls.get(name));
          long arguments = random.nextLong();
          String right = caffeine.outcome(call, new SplittableRandom(arguments));
          String what = name + ", step " + step + ", " + ends;
          assertEquals(right, memory.outcome(call, new SplittableRandom(arguments)), what);
          assertEquals(
              right, file.outcome(call, new SplittableRandom(arguments)), what + ", with a file");
        }
      }
    });
  }

  @Test
  void aValueThatAComputationChangedIsWrittenThoughNoListenerIsTold() {
    List<String> told = new ArrayList<>();
    try (var cache =
        Caches.builder(Caches.MIB)
            .executor(Runnable::run)
            .removalListener((@Nullable Long key, byte @Nullable [] value, RemovalCause cause) ->
                told.add(key + " " + cause))
            .build()) {
      cache.put(1L, new byte[1]);
      byte[] after =
          cache
              .asMap()
              .compute(
                  1L,
                  (key, value) -> {
                    Objects.requireNonNull(value)[0] = 7;
                    return value;
                  });
      assertEquals(7, after[0]);
      assertEquals(7, Objects.requireNonNull(cache.getIfPresent(1L))[0]);
      assertEquals(List.of(), told);
      cache.put(1L, new byte[1]);
      assertEquals(List.of("1 REPLACED"), told);
    }
  }

  /** What necessarily differs: Caffeine keeps the object that was put, and Carafe its bytes. */
  @Test
  void theSameObjectPutTwiceReplacesItself() {
    String value = new String(new char[] {'v'});
    Subject caffeine = caffeine(Ends.NEVER, false);
    Subject carafe = carafe(Ends.NEVER, false, false);
    try (var _ = (LoadingCarafe<String, String>) carafe.cache()) {
      for (Subject each : List.of(caffeine, carafe)) {
        Cache<String, String> cache = each.cache();
        cache.put("k0", value);
        cache.put("k0", value);
      }
      assertSame(value, caffeine.cache().getIfPresent("k0"));
      assertEquals(List.of(), caffeine.told());
      assertEquals(List.of("removed k0=v REPLACED"), carafe.told());
    }
  }
}
