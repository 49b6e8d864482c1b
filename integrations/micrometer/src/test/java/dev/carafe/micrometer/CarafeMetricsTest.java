package dev.carafe.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.AsyncCarafe;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.Codec;
import dev.carafe.FileFullException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.FileOptions.Retention;
import dev.carafe.TierStats;
import dev.carafe.UnreadableValueException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The meters show the cache's own counters (issue 21, item 1). */
final class CarafeMetricsTest {
  private static final int KEYS = 500;

  @TempDir Path directory;
  private final MeterRegistry registry = new SimpleMeterRegistry();

  private static CarafeBuilder<Long, String> builder(long memoryBytes) {
    Codec<String> values =
        Codec.of(
            text -> text.getBytes(StandardCharsets.UTF_8),
            bytes -> {
              if (bytes[0] == '!') {
                throw new UnreadableValueException(String.class, new IllegalArgumentException("!"));
              }
              return new String(bytes, StandardCharsets.UTF_8);
            });
    return Carafe.newBuilder().keyCodec(Codec.int64()).valueCodec(values).memory(memoryBytes);
  }

  private CarafeBuilder<Long, String> withFile() {
    return builder(64 * 1024).file(fileOptions());
  }

  private FileOptions fileOptions() {
    return FileOptions.at(directory.resolve("c"), 1 << 20)
        .withIo(Io.CHANNEL)
        .withCompression(Compression.NONE);
  }

  /** More than memory and file can hold, and each kind of read. */
  private static void use(Carafe<Long, String> cache) {
    for (long key = 0; key < KEYS; key++) {
      cache.put(key, key + "-" + Long.toHexString(key * 0x9E3779B97F4A7C15L).repeat(300));
    }
    cache.flush();
    for (long key = 0; key < 2 * KEYS; key++) {
      var _ = cache.getIfPresent(key);
    }
    cache.put(1L, "!");
    assertNull(cache.getIfPresent(1L));
    cache.invalidate(KEYS - 1L);
    cache.flush();
  }

  private long count(String name, String... tags) {
    return (long) registry.get(name).tags(tags).tag("cache", "pages").functionCounter().count();
  }

  private double ratio(String name, String... tags) {
    return registry.get(name).tags(tags).tag("cache", "pages").gauge().value();
  }

  private long gauge(String name, String... tags) {
    return (long) ratio(name, tags);
  }

  private long sum(String name, String tier) {
    return registry.get(name).tag("tier", tier).functionCounters().stream()
        .mapToLong(counter -> (long) counter.count())
        .sum();
  }

  @Test
  void readsAreCountedByResultAndTier() {
    try (var cache = CarafeMetrics.monitor(registry, withFile().build(), "pages")) {
      use(cache);
      TierStats stats = cache.tierStats();
      assertTrue(stats.file().hits() > 0 && stats.file().misses() > 0, stats::toString);
      assertEquals(stats.memory().hits(), count("carafe.gets", "result", "hit", "tier", "memory"));
      assertEquals(stats.file().hits(), count("carafe.gets", "result", "hit", "tier", "file"));
      assertEquals(stats.file().misses(), count("carafe.gets", "result", "miss", "tier", "none"));
      assertEquals(1, count("carafe.unreadable"));
    }
  }

  @Test
  void whatEnteredATierHasLeftItOrIsThere() {
    try (var cache = CarafeMetrics.monitor(registry, withFile().build(), "pages")) {
      use(cache);
      TierStats stats = cache.tierStats();
      assertTrue(stats.file().reclaimed() > 0, stats::toString);
      assertEquals(
          stats.file().reclaimed(), count("carafe.removals", "tier", "file", "cause", "reclaimed"));
      assertEquals(
          stats.memory().spilled(), count("carafe.removals", "tier", "memory", "cause", "spilled"));
      assertEquals(
          sum("carafe.additions", "memory") - sum("carafe.removals", "memory"),
          gauge("carafe.entries", "tier", "memory"));
      assertEquals(
          sum("carafe.additions", "file")
              + gauge("carafe.file.buffered")
              - sum("carafe.removals", "file"),
          gauge("carafe.entries", "tier", "file"));
    }
  }

  @Test
  void bytesMemoryAndHealthAreThoseOfTheCache() {
    try (var cache = CarafeMetrics.monitor(registry, withFile().build(), "pages")) {
      assertTrue(Double.isNaN(ratio("carafe.file.write.amplification")));
      use(cache);
      TierStats.FileTier file = cache.tierStats().file();
      var usage = cache.memoryUsage();
      assertEquals(usage.valueBytes(), gauge("carafe.size", "tier", "memory"));
      assertEquals(64 * 1024, gauge("carafe.capacity", "tier", "memory"));
      assertEquals(file.liveBytes(), gauge("carafe.size", "tier", "file"));
      assertEquals(1 << 20, gauge("carafe.capacity", "tier", "file"));
      usage
          .bytesByTag()
          .forEach((purpose, bytes) ->
              assertEquals(bytes, gauge("carafe.memory.used", "purpose", purpose), purpose));
      assertEquals(1, gauge("carafe.health", "tier", "memory"));
      assertEquals(1, gauge("carafe.health", "tier", "file"));
      assertEquals(file.bytesRead(), count("carafe.file.read"));
      assertEquals(file.bytesWritten(), count("carafe.file.written"));
      assertEquals(file.bytesAppended(), count("carafe.file.appended"));
      assertEquals(
          (double) file.bytesWritten() / file.bytesAppended(),
          ratio("carafe.file.write.amplification"));
    }
  }

  @Test
  void whatTheFileRefusesIsCountedByReason() {
    try (var cache = CarafeMetrics.monitor(registry, withFile().build(), "pages")) {
      cache.put(1L, "v".repeat(1 << 20)); // no tier can hold it
      assertEquals(1, cache.tierStats().file().refusedTooLarge());
      assertEquals(1, count("carafe.file.refused", "reason", "too_large"));
      assertEquals(0, count("carafe.file.refused", "reason", "overload"));
      assertEquals(0, count("carafe.file.refused", "reason", "unavailable"));
      assertEquals(1, count("carafe.removals", "tier", "memory", "cause", "dropped"));
    }
  }

  @Test
  void whatTheWriteBudgetRefusesIsCounted() {
    try (var cache = CarafeMetrics.monitor(registry, withFile().writeBudget(1).build(), "pages")) {
      for (long key = 0; key < 200; key++) {
        var _ = cache.get(key, missing -> "v".repeat(10_000)); // more than memory can hold
      }
      long refused = cache.tierStats().file().refusedBudget();
      assertTrue(refused > 0);
      assertEquals(refused, count("carafe.file.refused", "reason", "budget"));
    }
  }

  @Test
  void whatAFullFileThatKeepsAllRefusesIsCounted() {
    FileOptions file = fileOptions().withRetention(Retention.KEEP_ALL);
    var keeping = builder(64 * 1024).file(file).build();
    try (var cache = CarafeMetrics.monitor(registry, keeping, "pages")) {
      assertThrows(
          FileFullException.class,
          () -> {
            for (long key = 0; ; key++) {
              cache.put(key, "v".repeat(5_000));
            }
          });
      assertEquals(1, count("carafe.file.refused", "reason", "full"));
    }
  }

  @Test
  void aCacheWithoutAFileHasNoMetersOfOne() {
    try (var cache = CarafeMetrics.monitor(registry, builder(1 << 20).build(), "pages")) {
      cache.put(1L, "one");
      assertEquals(1, gauge("carafe.entries", "tier", "memory"));
      for (Meter meter : registry.getMeters()) {
        assertFalse(meter.getId().getName().contains("file"), meter.getId()::toString);
        assertFalse("file".equals(meter.getId().getTag("tier")), meter.getId()::toString);
      }
    }
  }

  @Test
  void asynchronousCachesAndFurtherTags() {
    AsyncCarafe<Long, String> cache = builder(1 << 20).buildAsync();
    try (var monitored = CarafeMetrics.monitor(registry, cache, "pages", "region", "eu")) {
      monitored.put(1L, CompletableFuture.completedFuture("one"));
      assertEquals(1, gauge("carafe.entries", "tier", "memory", "region", "eu"));
    }
    try (Carafe<Long, String> other = builder(1 << 20).build()) {
      Iterable<Tag> tags = Tags.of("region", "us");
      new CarafeMetrics(other, "pages", tags).bindTo(registry);
      assertEquals(0, gauge("carafe.entries", "tier", "memory", "region", "us"));
    }
  }

  @Test
  void aClosedCacheKeepsItsCountersAndIsShownAsClosed() {
    var cache = CarafeMetrics.monitor(registry, withFile().build(), "pages");
    use(cache);
    long hits = count("carafe.gets", "result", "hit", "tier", "file");
    assertTrue(hits > 0);
    cache.close();
    assertThrows(IllegalStateException.class, cache::tierStats);
    assertEquals(hits, count("carafe.gets", "result", "hit", "tier", "file"));
    assertEquals(-1, gauge("carafe.health", "tier", "memory"));
    assertEquals(-1, gauge("carafe.health", "tier", "file"));
    for (Gauge gauge : registry.find("carafe.entries").gauges()) {
      assertTrue(Double.isNaN(gauge.value()), gauge.getId()::toString);
    }
  }

  @Test
  void theMetersDoNotKeepACacheFromTheCollector() {
    WeakReference<Carafe<Long, String>> collected = closed();
    byte @Nullable [] garbage = null;
    for (int i = 0; i < 200 && collected.get() != null; i++) {
      garbage = new byte[1 << 20];
      System.gc();
    }
    assertNull(collected.get(), () -> "the meters hold the cache");
    assertEquals(0, garbage == null ? 1 : garbage[0]);
    assertEquals(1, count("carafe.gets", "result", "hit", "tier", "memory"));
    assertTrue(Double.isNaN(ratio("carafe.health", "tier", "memory")));
  }

  private WeakReference<Carafe<Long, String>> closed() {
    var cache = CarafeMetrics.monitor(registry, builder(1 << 20).build(), "pages");
    cache.put(1L, "one");
    assertEquals("one", cache.getIfPresent(1L));
    assertEquals(1, count("carafe.gets", "result", "hit", "tier", "memory"));
    cache.close();
    return new WeakReference<>(cache);
  }
}
