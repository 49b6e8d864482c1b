package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalListener;
import com.github.benmanes.caffeine.cache.Scheduler;
import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The builder accepts each setting once, as Caffeine's does. */
final class BuilderSettingsTest {
  /** A call of the builder, and the text by which its value is recognized. */
  private record Call(Consumer<CarafeBuilder<Object, Object>> call, String shown) {}

  private static final RemovalListener<Object, Object> LISTENER =
      (key, value, cause) -> {
        throw new AssertionError("not in this test");
      };

  private static Map<String, Call> calls() {
    Map<String, Call> calls = new LinkedHashMap<>();
    Codec<Object> codec = Codec.of(value -> new byte[0], bytes -> "");
    Expiry<Object, Object> expiry = Expiry.writing((key, value) -> Duration.ofHours(5));
    calls.put("keyCodec", new Call(b -> b.keyCodec(codec), codec.toString()));
    calls.put("valueCodec", new Call(b -> b.valueCodec(codec), codec.toString()));
    calls.put("memory", new Call(b -> b.memory(123_456), "123456"));
    calls.put("indexMemory", new Call(b -> b.indexMemory(12_345_678), "12345678"));
    calls.put("file", new Call(b -> b.file(Path.of("a.carafe"), MIB), "a.carafe"));
    calls.put("persistWithin", new Call(b -> b.persistWithin(7, TimeUnit.SECONDS), "PT7S"));
    calls.put("expireAfterWrite", new Call(b -> b.expireAfterWrite(8, TimeUnit.HOURS), "PT8H"));
    calls.put("expireAfterAccess", new Call(b -> b.expireAfterAccess(9, TimeUnit.HOURS), "PT9H"));
    calls.put("expireAfter", new Call(b -> b.expireAfter(expiry), expiry.toString()));
    calls.put("refreshAfterWrite", new Call(b -> b.refreshAfterWrite(6, TimeUnit.HOURS), "PT6H"));
    calls.put("removalListener", new Call(b -> b.removalListener(LISTENER), LISTENER.toString()));
    calls.put("evictionListener", new Call(b -> b.evictionListener(LISTENER), LISTENER.toString()));
    calls.put("executor", new Call(b -> b.executor(ForkJoinPool.commonPool()), "ForkJoinPool"));
    Scheduler scheduler = Scheduler.systemScheduler();
    calls.put("scheduler", new Call(b -> b.scheduler(scheduler), scheduler.toString()));
    Ticker ticker = Ticker.disabledTicker();
    calls.put("ticker", new Call(b -> b.ticker(ticker), ticker.toString()));
    calls.put("recordStats", new Call(b -> b.recordStats(ConcurrentStatsCounter::new), "Lambda"));
    calls.put("writeBudget", new Call(b -> b.writeBudget(9_876_543), "9876543"));
    calls.put("recordMissRatioCurve", new Call(CarafeBuilder::recordMissRatioCurve, "true"));
    return calls;
  }

  private static void assertRefused(String first, String second) {
    CarafeBuilder<Object, Object> builder = Carafe.newBuilder();
    Call before = Objects.requireNonNull(calls().get(first));
    Call after = Objects.requireNonNull(calls().get(second));
    before.call().accept(builder);
    var error = assertThrows(IllegalStateException.class, () -> after.call().accept(builder));
    String message = String.valueOf(error.getMessage());
    for (String word : new String[] {first, second, before.shown(), after.shown()}) {
      assertTrue(message.contains(word.replaceFirst("@.*", "")), () -> word + " in: " + message);
    }
  }

  @Test
  void repeatedSettingIsRejectedWithBothValues() {
    for (String setting : calls().keySet()) {
      assertRefused(setting, setting);
    }
  }

  @Test
  void expiriesAreMutuallyExclusive() {
    String[] expiries = {"expireAfterWrite", "expireAfterAccess", "expireAfter"};
    for (String first : expiries) {
      for (String second : expiries) {
        assertRefused(first, second);
      }
    }
  }

  @Test
  void rejectedSettingKeepsTheFirstValue() {
    CarafeBuilder<Long, byte[]> builder = Caches.builder(MIB);
    assertThrows(IllegalStateException.class, () -> builder.memory(2 * MIB));
    try (Carafe<Long, byte[]> cache = builder.build()) {
      assertEquals(MIB, cache.memoryUsage().budgetBytes());
    }
  }

  @Test
  void durationsWithUnitsAreConverted() {
    Duration hours = Duration.ofHours(3);
    try (var written = Caches.builder(MIB).expireAfterWrite(3, TimeUnit.HOURS).build();
        var read = Caches.builder(MIB).expireAfterAccess(3, TimeUnit.HOURS).build();
        var loaded =
            Caches.builder(MIB).refreshAfterWrite(3, TimeUnit.HOURS).build(k -> new byte[0])) {
      assertEquals(hours, written.policy().expireAfterWrite().orElseThrow().getExpiresAfter());
      assertEquals(hours, read.policy().expireAfterAccess().orElseThrow().getExpiresAfter());
      assertEquals(hours, loaded.policy().refreshAfterWrite().orElseThrow().getRefreshesAfter());
    }
    try (var longest =
        Caches.builder(MIB).expireAfterWrite(Long.MAX_VALUE, TimeUnit.DAYS).build()) {
      longest.put(1L, new byte[1]);
      assertEquals(1, longest.estimatedSize());
    }
  }

  @Test
  void nonPositiveDurationsAreRejected() {
    Map<String, Function<CarafeBuilder<Long, byte[]>, CarafeBuilder<Long, byte[]>>> wrong =
        Map.of(
            "-1 HOURS", builder -> builder.expireAfterWrite(-1, TimeUnit.HOURS),
            "-2 DAYS", builder -> builder.expireAfterAccess(-2, TimeUnit.DAYS),
            "-3 SECONDS", builder -> builder.refreshAfterWrite(-3, TimeUnit.SECONDS),
            "-4 SECONDS", builder -> builder.persistWithin(-4, TimeUnit.SECONDS),
            "PT0S", builder -> builder.persistWithin(0, TimeUnit.SECONDS),
            "duration is PT0S", builder -> builder.refreshAfterWrite(0, TimeUnit.SECONDS));
    wrong.forEach((shown, call) -> {
      var builder = Caches.builder(MIB);
      var error = assertThrows(IllegalArgumentException.class, () -> call.apply(builder));
      assertTrue(String.valueOf(error.getMessage()).contains(shown), error::toString);
    });
  }
}
