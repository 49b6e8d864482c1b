package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.LoadingCache;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random calls of the cache, its map and its expiry, on Caffeine and on caches with and without a
 * file. Results, notifications and statistics are equal after each call.
 */
final class SameAsCaffeineTest {
  private static final int STEPS = Soak.times(800, 20_000);
  private static final Duration LIFE = Duration.ofSeconds(10);

  @TempDir Path directory;
  private final AtomicLong clock = new AtomicLong();

  /** The kinds of expiry. */
  enum Ends {
    NEVER,
    AFTER_WRITE,
    AFTER_ACCESS,
    VARIABLE
  }

  /** A cache, and the notifications since the last call. */
  private record Subject(LoadingCache<String, String> cache, List<String> notifications) {
    String outcome(CacheCalls.Call call, SplittableRandom random) {
      notifications.clear();
      String result;
      try {
        result = Objects.toString(call.on(cache, random));
      } catch (RuntimeException e) {
        result = e.getClass().getSimpleName();
      }
      cache.cleanUp();
      notifications.sort(null);
      CacheStats stats = cache.stats();
      return result
          + " notifications "
          + notifications
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

    /** Returns the values and their remaining lifetimes. */
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

  /** An expiry with different lifetimes after creation, update and read. */
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
    List<String> notifications = new ArrayList<>();
    Caffeine<String, String> builder =
        Caffeine.newBuilder()
            .ticker(clock::get)
            .executor(Runnable::run)
            .recordStats()
            .removalListener(telling(notifications, "removed "));
    if (!async) {
      builder.evictionListener(telling(notifications, "evicted "));
    }
    switch (ends) {
      case NEVER -> {}
      case AFTER_WRITE -> builder.expireAfterWrite(LIFE);
      case AFTER_ACCESS -> builder.expireAfterAccess(LIFE);
      case VARIABLE -> builder.expireAfter(EXPIRY);
    }
    return new Subject(
        async ? builder.buildAsync(loader()).synchronous() : builder.build(loader()),
        notifications);
  }

  private Subject carafe(Ends ends, boolean async, boolean file) {
    List<String> notifications = new ArrayList<>();
    CarafeBuilder<String, String> builder =
        dev.carafe.Carafe.newBuilder()
            .keyCodec(Codec.utf8())
            .valueCodec(Codec.utf8())
            .memory(Caches.MIB)
            .ticker(clock::get)
            .executor(Runnable::run)
            .recordStats()
            .removalListener(telling(notifications, "removed "));
    if (!async) {
      builder = builder.evictionListener(telling(notifications, "evicted "));
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
        async ? builder.buildAsync(loader()).synchronous() : builder.build(loader()),
        notifications);
  }

  @SuppressWarnings("NullAway") // a loader may return null
  private static CacheLoader<String, String> loader() {
    Function<String, @Nullable String> load = CacheCalls::load;
    return load::apply;
  }

  private static RemovalListener<String, String> telling(List<String> notifications, String what) {
    return (@Nullable String key, @Nullable String value, RemovalCause cause) ->
        notifications.add(what + key + "=" + value + " " + cause);
  }

  @ParameterizedTest
  @EnumSource(Ends.class)
  void callsHaveTheSameOutcome(Ends ends) {
    compare(ends, false);
  }

  @ParameterizedTest
  @EnumSource(Ends.class)
  void callsOfTheSynchronousViewHaveTheSameOutcome(Ends ends) {
    compare(ends, true);
  }

  private void compare(Ends ends, boolean async) {
    Map<String, CacheCalls.Call> calls = CacheCalls.calls();
    CacheCalls.mapCalls()
        .forEach((name, call) -> calls.put(name, (c, r) -> call.apply(c.asMap(), r)));
    if (ends == Ends.VARIABLE) {
      calls.putAll(CacheCalls.timedCalls());
    }
    List<String> names = List.copyOf(calls.keySet());
    Soak.seeded(random -> {
      Subject caffeine = caffeine(ends, async);
      Subject memory = carafe(ends, async, false);
      Subject file = carafe(ends, async, true);
      try (var _ = (LoadingCarafe<String, String>) memory.cache();
          var _ = (LoadingCarafe<String, String>) file.cache()) {
        for (int step = 0; step < STEPS; step++) {
          // by two seconds, since Caffeine ignores changes of at most one
          clock.addAndGet(Duration.ofSeconds(random.nextInt(3) * 2L).toNanos());
          String name = names.get(random.nextInt(names.size()));
          CacheCalls.Call call = Objects.requireNonNull(calls.get(name));
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
  void valuesChangedByAComputationAreWrittenWithoutNotification() {
    List<String> notifications = new ArrayList<>();
    try (var cache =
        Caches.builder(Caches.MIB)
            .executor(Runnable::run)
            .removalListener((@Nullable Long key, byte @Nullable [] value, RemovalCause cause) ->
                notifications.add(key + " " + cause))
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
      assertEquals(List.of(), notifications);
      cache.put(1L, new byte[1]);
      assertEquals(List.of("1 REPLACED"), notifications);
    }
  }

  /** A necessary difference: Caffeine stores the object that was put, and Carafe its bytes. */
  @Test
  void putOfThePresentObjectIsAReplacement() {
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
      assertEquals(List.of(), caffeine.notifications());
      assertEquals(List.of("removed k0=v REPLACED"), carafe.notifications());
    }
  }
}
