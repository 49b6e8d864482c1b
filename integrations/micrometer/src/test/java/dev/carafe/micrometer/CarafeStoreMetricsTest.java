package dev.carafe.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import dev.carafe.TierStats;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What caches of a store share is shown once, under the store; each cache shows its own. */
final class CarafeStoreMetricsTest {
  private static final long MEMORY_BYTES = 1 << 20;
  private static final long FILE_BYTES = 2 << 20;

  @TempDir Path directory;
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private CarafeStore store;
  private Carafe<Long, byte[]> books;
  private Carafe<Long, byte[]> films;

  @BeforeEach
  void open() {
    FileOptions file =
        FileOptions.at(directory.resolve("s"), FILE_BYTES)
            .withIo(Io.CHANNEL)
            .withCompression(Compression.NONE);
    store =
        CarafeStoreMetrics.monitor(
            registry,
            CarafeStore.newBuilder().memory(MEMORY_BYTES).file(file).build(),
            "app",
            "region",
            "eu");
    books = cache("books");
    films = cache("films");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Carafe<Long, byte[]> cache(String name) {
    Carafe<Long, byte[]> cache = store.cache(name, Codec.int64(), Codec.bytes()).build();
    return CarafeMetrics.monitor(registry, cache, name);
  }

  /** More values of 1,000 bytes than memory can hold, the same number read from the file. */
  private void use() {
    for (long key = 0; key < 1_000; key++) {
      books.put(key, new byte[1_000]);
      films.put(key, new byte[key < 10 ? 2_000 : 0]);
    }
    store.flush();
    for (long key = 0; key < 1_100; key++) {
      var _ = books.getIfPresent(key);
    }
  }

  private long gauge(String name, String... tags) {
    return (long) registry.get(name).tags(tags).gauge().value();
  }

  private long count(String name, String... tags) {
    return (long) registry.get(name).tags(tags).functionCounter().count();
  }

  private long sum(String name) {
    return registry.get(name).functionCounters().stream()
        .mapToLong(counter -> (long) counter.count())
        .sum();
  }

  @Test
  void sharedFiguresAreShownOnceAndUnderTheStoreOnly() {
    use();
    for (String name : Set.of("capacity", "memory.used", "health", "file.written", "file.read")) {
      assertTrue(
          registry
                  .find("carafe.store." + name)
                  .tag("store", "app")
                  .tag("region", "eu")
                  .meters()
                  .size()
              > 0,
          name);
    }
    Set<String> ofCaches =
        registry.getMeters().stream()
            .map(Meter::getId)
            .filter(id -> id.getTag("cache") != null)
            .map(id -> id.getName() + " " + id.getTag("tier") + " " + id.getTag("purpose"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(
        Set.of(
            "carafe.additions memory null",
            "carafe.capacity memory null",
            "carafe.entries file null",
            "carafe.entries memory null",
            "carafe.entries.too.large null null",
            "carafe.gets file null",
            "carafe.gets memory null",
            "carafe.gets none null",
            "carafe.memory.used null leasedCopies",
            "carafe.memory.used null recentReads",
            "carafe.removals memory null",
            "carafe.size file null",
            "carafe.size memory null",
            "carafe.unreadable null null"),
        ofCaches);
  }

  @Test
  void theStoreShowsItsMemoryAndItsFile() {
    use();
    assertEquals(MEMORY_BYTES, gauge("carafe.store.capacity", "tier", "memory"));
    assertEquals(FILE_BYTES, gauge("carafe.store.capacity", "tier", "file"));
    store
        .memoryUsage()
        .bytesByTag()
        .forEach((purpose, bytes) ->
            assertEquals(bytes, gauge("carafe.store.memory.used", "purpose", purpose), purpose));
    TierStats.FileTier file = store.tierStats().file();
    assertTrue(file.reclaimed() > 0 || file.records() > 1_500, file::toString);
    assertEquals(file.bytesWritten(), count("carafe.store.file.written"));
    assertEquals(file.stored(), count("carafe.store.additions", "source", "write"));
    assertEquals(file.records(), gauge("carafe.store.entries", "tier", "file"));
    assertEquals(1, gauge("carafe.store.health", "tier", "file"));
    assertEquals(
        file.records(),
        sum("carafe.store.additions")
            + gauge("carafe.store.file.buffered")
            - sum("carafe.store.removals"),
        file::toString);
  }

  @Test
  void eachCacheShowsItsOwn() {
    use();
    assertNotEquals(
        gauge("carafe.size", "tier", "memory", "cache", "books"),
        gauge("carafe.size", "tier", "memory", "cache", "films"));
    long values = 0;
    long records = 0;
    long bytes = 0;
    long shares = 0;
    long recentReads = 0;
    for (String cache : Set.of("books", "films")) {
      values += gauge("carafe.size", "tier", "memory", "cache", cache);
      bytes += gauge("carafe.size", "tier", "file", "cache", cache);
      records += gauge("carafe.entries", "tier", "file", "cache", cache);
      shares += gauge("carafe.capacity", "tier", "memory", "cache", cache);
      recentReads += gauge("carafe.memory.used", "purpose", "recentReads", "cache", cache);
    }
    assertEquals(gauge("carafe.store.size", "tier", "memory"), values);
    // The names of the caches are a record of the file.
    assertEquals(gauge("carafe.store.entries", "tier", "file"), records + 1);
    long nameBytes = gauge("carafe.store.size", "tier", "file") - bytes;
    assertTrue(nameBytes > 0 && nameBytes <= 128, nameBytes + " bytes of names");
    assertEquals(gauge("carafe.store.memory.used", "purpose", "recentReads"), recentReads);
    assertTrue(shares > 0 && shares <= MEMORY_BYTES, "shares of " + shares + " bytes");
    TierStats stats = books.tierStats();
    assertEquals(stats.file().hits(), count("carafe.gets", "tier", "file", "cache", "books"));
    assertEquals(100, count("carafe.gets", "tier", "none", "cache", "books"));
    assertEquals(0, count("carafe.gets", "tier", "none", "cache", "films"));
  }

  @Test
  void aClosedStoreKeepsItsCountersAndIsShownAsClosed() {
    use();
    long written = count("carafe.store.file.written");
    assertTrue(written > 0);
    store.close();
    assertEquals(written, count("carafe.store.file.written"));
    assertEquals(-1, gauge("carafe.store.health", "tier", "memory"));
    for (Gauge gauge : registry.find("carafe.store.capacity").gauges()) {
      assertTrue(Double.isNaN(gauge.value()), gauge.getId()::toString);
    }
    for (Gauge gauge : registry.find("carafe.capacity").gauges()) {
      assertTrue(Double.isNaN(gauge.value()), gauge.getId()::toString);
    }
  }

  @Test
  void aStoreWithoutAFileHasNoMetersOfOne() {
    MeterRegistry other = new SimpleMeterRegistry();
    try (CarafeStore memoryOnly = CarafeStore.newBuilder().memory(MEMORY_BYTES).build()) {
      new CarafeStoreMetrics(memoryOnly, "app", Tags.empty()).bindTo(other);
      assertEquals(MEMORY_BYTES, (long) other.get("carafe.store.capacity").gauge().value());
      for (Meter meter : other.getMeters()) {
        assertNull(meter.getId().getTag("source"), meter.getId()::toString);
        assertNotEquals("file", meter.getId().getTag("tier"), meter.getId()::toString);
      }
    }
  }
}
