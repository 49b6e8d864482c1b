package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileFormatException;
import dev.carafe.FileInUseException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import dev.carafe.TierStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Caches of a store: names, drops, settings, statistics, and their values over a restart. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StoreTest {
  @TempDir Path directory;

  private CarafeStore store() {
    return store(Io.AUTO);
  }

  private CarafeStore store(Io io) {
    FileOptions file = FileOptions.at(directory.resolve("s.carafe"), 64 * MIB).withIo(io);
    return CarafeStore.newBuilder().memory(4 * MIB).file(file).build();
  }

  private static Carafe<Long, byte[]> numbers(CarafeStore store, String name) {
    return store.cache(name, Codec.int64(), Codec.bytes()).build();
  }

  private static Carafe<String, String> texts(CarafeStore store, String name) {
    return store.cache(name, Codec.utf8(), Codec.utf8()).build();
  }

  private static long hits(CarafeStore store, String name) {
    return Objects.requireNonNull(store.tierStatsByCache().get(name)).memory().hits();
  }

  private static void assertMessage(String part, Exception refused) {
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(part), message);
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "CHANNEL"})
  void equalKeysOfTwoCachesAreDistinctAndSurvive(Io io) {
    try (CarafeStore store = store(io);
        Carafe<Long, byte[]> a = numbers(store, "a");
        Carafe<Long, byte[]> b = numbers(store, "b")) {
      for (long key = 0; key < 2_000; key++) { // more than memory holds
        a.put(key, value(key, 1, 2_000));
        b.put(key, value(key, 2, 2_000));
      }
      checkValues(a, 1);
      checkValues(b, 2);
      for (long key = 0; key < 2_000; key += 2) {
        a.invalidate(key);
      }
      checkValues(b, 2);
      assertEquals(Set.of("a", "b"), store.cacheNames());
    }
    try (CarafeStore store = store(io)) {
      assertEquals(Set.of("a", "b"), store.cacheNames());
      try (Carafe<Long, byte[]> b = numbers(store, "b");
          Carafe<Long, byte[]> a = numbers(store, "a")) {
        checkValues(b, 2);
        assertEquals(1_000, a.asMap().size());
        assertEquals(1_000, a.estimatedSize());
        assertNull(a.getIfPresent(0L));
        assertArrayEquals(value(1, 1, 2_000), a.getIfPresent(1L));
      }
    }
  }

  private static void checkValues(Carafe<Long, byte[]> cache, int version) {
    for (long key = 0; key < 2_000; key++) {
      assertArrayEquals(value(key, version, 2_000), cache.getIfPresent(key), "key " + key);
    }
  }

  @Test
  void aCacheThatIsClosedKeepsItsValuesForTheNextOpening() {
    try (CarafeStore store = store()) {
      for (int round = 1; round <= 3; round++) {
        try (Carafe<Long, byte[]> cache = numbers(store, "a")) {
          for (long key = 0; key < 100; key++) {
            byte[] found = cache.getIfPresent(key);
            assertEquals(round == 1, found == null);
            if (found != null) {
              assertArrayEquals(value(key, round - 1, 300), found);
            }
            cache.put(key, value(key, round, 300));
          }
        }
      }
      TierStats.MemoryTier m = store.tierStats().memory();
      assertEquals(300, m.puts());
      assertEquals(0, m.entries());
    }
  }

  @Test
  void dropRemovesOneCacheForGood() {
    try (CarafeStore store = store()) {
      try (Carafe<Long, byte[]> a = numbers(store, "a");
          Carafe<Long, byte[]> b = numbers(store, "b")) {
        for (long key = 0; key < 3_000; key++) {
          a.put(key, value(key, 1, 1_000));
          b.put(key, value(key, 2, 1_000));
        }
        store.flush();
        long live = store.tierStats().file().liveBytes();
        store.drop("a");
        assertTrue(store.tierStats().file().liveBytes() <= live / 2 + 4096);
        assertThrows(IllegalStateException.class, () -> a.getIfPresent(1L));
        assertEquals(Set.of("b"), store.cacheNames());
        assertArrayEquals(value(7, 2, 1_000), b.getIfPresent(7L));
        try (Carafe<Long, byte[]> again = numbers(store, "a")) {
          assertNull(again.getIfPresent(7L));
          assertEquals(0, again.asMap().size());
          again.put(7L, value(7, 3, 1_000));
        }
      }
      store.drop("never made");
    }
    try (CarafeStore store = store();
        Carafe<Long, byte[]> a = numbers(store, "a")) {
      assertEquals(Map.of(7L, 1_000), lengths(a));
      store.drop("b"); // which is not open
      assertEquals(Set.of("a"), store.cacheNames());
    }
    try (CarafeStore store = store()) {
      assertEquals(Set.of("a"), store.cacheNames());
    }
  }

  private static Map<Long, Integer> lengths(Carafe<Long, byte[]> cache) {
    Map<Long, Integer> lengths = new HashMap<>();
    cache.asMap().forEach((key, found) -> lengths.put(key, found.length));
    return lengths;
  }

  @Test
  void clearEmptiesOneCache() {
    try (CarafeStore store = store();
        Carafe<Long, byte[]> a = numbers(store, "a");
        Carafe<Long, byte[]> b = numbers(store, "b")) {
      for (long key = 0; key < 3_000; key++) {
        a.put(key, value(key, 1, 2_000));
        b.put(key, value(key, 2, 100));
      }
      a.invalidateAll();
      assertEquals(0, a.asMap().size());
      assertEquals(3_000, b.asMap().size());
      assertEquals(3_000, b.estimatedSize());
    }
    try (CarafeStore store = store();
        Carafe<Long, byte[]> a = numbers(store, "a");
        Carafe<Long, byte[]> b = numbers(store, "b")) {
      assertEquals(0, a.asMap().size());
      assertEquals(3_000, b.asMap().size());
    }
  }

  @Test
  void anotherCodecIsRefusedByName() {
    try (CarafeStore store = store()) {
      numbers(store, "a").close();
      FileFormatException refused =
          assertThrows(FileFormatException.class, () -> texts(store, "a"));
      assertMessage("cache 'a'", refused);
      assertMessage("drop(\"a\")", refused);
      store.drop("a");
      texts(store, "a").close();
    }
  }

  @Test
  void aFileOfAStoreIsNoFileOfOneCache() {
    store().close();
    Path path = directory.resolve("s.carafe");
    FileFormatException refused =
        assertThrows(
            FileFormatException.class, () -> Caches.builder(MIB).file(path, 64 * MIB).build());
    assertMessage("carafe.store", refused);
    Path single = directory.resolve("c.carafe");
    Caches.builder(MIB).file(single, 16 * MIB).build().close();
    assertThrows(
        FileFormatException.class,
        () -> CarafeStore.newBuilder().memory(MIB).file(single, 16 * MIB).build());
  }

  @Test
  void anOpenNameIsRefused() {
    try (CarafeStore store = store();
        Carafe<Long, byte[]> a = numbers(store, "a")) {
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> numbers(store, "a"));
      assertMessage("'a' of this store is open already", refused);
      a.put(1L, new byte[1]);
      assertNotNull(a.getIfPresent(1L));
    }
  }

  @Test
  void settingsOfTheStoreAreRefusedOnACache() {
    try (CarafeStore store = store()) {
      var builder = store.cache("a", Codec.int64(), Codec.bytes());
      assertThrows(IllegalStateException.class, () -> builder.file(directory, MIB));
      assertThrows(IllegalStateException.class, () -> builder.persistWithin(Duration.ofSeconds(1)));
      assertThrows(IllegalStateException.class, () -> builder.ticker(System::nanoTime));
      assertThrows(IllegalStateException.class, () -> builder.indexMemory(8 * MIB));
      assertThrows(IllegalArgumentException.class, () -> builder.memory(1));
      builder.memory(2 * MIB).memoryLimit(MIB);
      assertThrows(IllegalStateException.class, builder::build);
      assertThrows(
          IllegalArgumentException.class, () -> store.cache("", Codec.utf8(), Codec.utf8()));
      assertThrows(
          IllegalArgumentException.class,
          () -> store.cache("é".repeat(128), Codec.utf8(), Codec.utf8()));
    }
    assertThrows(IllegalStateException.class, () -> Carafe.newBuilder().memoryLimit(MIB));
  }

  @Test
  void reservesAreBounded() {
    try (CarafeStore store = store();
        Carafe<Long, byte[]> a =
            store.cache("a", Codec.int64(), Codec.bytes()).memory(3 * MIB).build()) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> store.cache("b", Codec.int64(), Codec.bytes()).memory(2 * MIB).build());
      assertMessage("cache 'b'", refused);
      assertNotNull(a);
    }
  }

  @Test
  void aQuietCacheKeepsItsReserve() {
    try (CarafeStore store = store();
        Carafe<Long, byte[]> quiet =
            store.cache("quiet", Codec.int64(), Codec.bytes()).memory(MIB).build();
        Carafe<Long, byte[]> noisy = numbers(store, "noisy")) {
      for (long key = 0; key < 400; key++) {
        quiet.put(key, value(key, 1, 2_000));
      }
      for (long key = 0; key < 20_000; key++) {
        noisy.put(key, value(key, 1, 1_000));
      }
      long before = hits(store, "quiet");
      for (long key = 0; key < 400; key++) {
        assertNotNull(quiet.getIfPresent(key));
      }
      assertEquals(before + 400, hits(store, "quiet"));
    }
  }

  @Test
  void anIdleCacheLeavesItsMemoryToOthers() {
    try (CarafeStore store = store();
        Carafe<Long, byte[]> idle = numbers(store, "idle");
        Carafe<Long, byte[]> busy = numbers(store, "busy")) {
      idle.put(1L, value(1, 1, 100));
      for (int round = 0; round < 3; round++) {
        for (long key = 0; key < 3_000; key++) {
          busy.put(key, value(key, round, 1_000));
        }
      }
      busy.cleanUp();
      long maximum = busy.policy().eviction().orElseThrow().getMaximum();
      long all = Engine.maximumWeightBytes(4 * MIB);
      assertTrue(maximum > all / 100 * 97, maximum + " of " + all);
      assertThrows(
          UnsupportedOperationException.class,
          () -> busy.policy().eviction().orElseThrow().setMaximum(MIB));
    }
  }

  @Test
  void aCeilingHolds() {
    try (CarafeStore store = store();
        Carafe<Long, byte[]> cache =
            store.cache("a", Codec.int64(), Codec.bytes()).memoryLimit(MIB).build()) {
      for (long key = 0; key < 5_000; key++) {
        cache.put(key, value(key, 1, 1_000));
      }
      cache.cleanUp();
      var policy = cache.policy().eviction().orElseThrow();
      assertTrue(policy.weightedSize().orElseThrow() <= MIB);
      assertEquals(MIB, policy.getMaximum());
    }
  }

  @Test
  void everyKindOfCacheHasItsOwnSettings() throws Exception {
    AtomicLong now = new AtomicLong();
    List<String> removed = new CopyOnWriteArrayList<>();
    try (CarafeStore store =
            CarafeStore.newBuilder()
                .memory(4 * MIB)
                .file(directory.resolve("k.carafe"), 16 * MIB)
                .ticker(now::get)
                .executor(Runnable::run)
                .build();
        Carafe<String, String> expiring =
            store
                .cache("expiring", Codec.utf8(), Codec.utf8())
                .expireAfterWrite(Duration.ofMinutes(1))
                .removalListener(
                    (@Nullable String key, @Nullable String gone, RemovalCause cause) ->
                        removed.add(key + cause))
                .build();
        Carafe<byte[], String> byBytes =
            store.cache("by bytes", Codec.bytes(), Codec.utf8()).build()) {
      AsyncLoadingCache<Long, String> loading =
          store.cache("loading", Codec.int64(), Codec.utf8()).buildAsync(key -> "loaded " + key);
      expiring.put("a", "1");
      byBytes.put(new byte[] {1}, "2");
      assertEquals("loaded 3", loading.get(3L).get());
      assertEquals("2", byBytes.getIfPresent(new byte[] {1}));
      now.addAndGet(Duration.ofMinutes(2).toNanos());
      assertNull(expiring.getIfPresent("a"));
      expiring.cleanUp();
      assertEquals("2", byBytes.getIfPresent(new byte[] {1}));
      expiring.put("b", "1");
      expiring.invalidate("b");
      assertTrue(removed.contains("bEXPLICIT"), removed::toString);
      assertFalse(removed.isEmpty());
      loading.synchronous().cleanUp();
    }
  }

  @Test
  void aStoreWithoutAFileForgetsWhatIsClosed() {
    try (CarafeStore store = CarafeStore.newBuilder().memory(MIB).build()) {
      try (Carafe<Long, byte[]> a = numbers(store, "a")) {
        a.put(1L, new byte[10]);
        assertNotNull(a.getIfPresent(1L));
      }
      try (Carafe<Long, byte[]> a = numbers(store, "a")) {
        assertNull(a.getIfPresent(1L));
        store.drop("a");
        assertThrows(IllegalStateException.class, () -> a.put(1L, new byte[1]));
      }
      assertEquals(Set.of(), store.cacheNames());
    }
  }

  @Test
  void closeClosesAllCaches() {
    CarafeStore store = store();
    Carafe<Long, byte[]> a = numbers(store, "a");
    a.put(1L, new byte[1]);
    IllegalStateException inside =
        assertThrows(
            IllegalStateException.class,
            () ->
                a.get(
                    2L,
                    key -> {
                      store.close();
                      return new byte[1];
                    }));
    assertMessage("from inside an operation", inside);
    assertThrows(
        IllegalStateException.class,
        () ->
            a.get(
                2L,
                key -> {
                  store.drop("a");
                  return new byte[1];
                }));
    assertNotNull(a.getIfPresent(1L));
    store.close();
    store.close();
    assertThrows(IllegalStateException.class, () -> a.getIfPresent(1L));
    assertThrows(IllegalStateException.class, () -> numbers(store, "b"));
    assertThrows(IllegalStateException.class, () -> store.drop("a"));
    assertThrows(IllegalStateException.class, store::flush);
    assertEquals(Health.State.CLOSED, store.health().memory().state());
    a.close();
  }

  @Test
  void manyCachesFitOneStore() {
    List<Carafe<Long, byte[]>> caches = new ArrayList<>();
    try (CarafeStore store = store()) {
      for (int i = 0; i < 200; i++) {
        caches.add(numbers(store, "cache " + i));
      }
      for (long key = 0; key < 100; key++) {
        for (int i = 0; i < caches.size(); i++) {
          caches.get(i).put(key, value(key, i, 300));
        }
      }
      for (int i = 0; i < caches.size(); i++) {
        assertArrayEquals(value(5, i, 300), caches.get(i).getIfPresent(5L));
      }
      assertEquals(200, store.cacheNames().size());
      for (int i = 0; i < 200; i += 2) {
        store.drop("cache " + i);
      }
    }
    try (CarafeStore store = store()) {
      assertEquals(100, store.cacheNames().size());
      for (int i = 1; i < 200; i += 2) {
        try (Carafe<Long, byte[]> cache = numbers(store, "cache " + i)) {
          assertEquals(100, cache.asMap().size());
          assertArrayEquals(value(99, i, 300), cache.getIfPresent(99L));
        }
      }
    }
  }

  private CarafeBuilder<Long, byte[]> named(String name, long memoryBytes) {
    return Caches.builder(memoryBytes).file(directory.resolve("n.carafe"), 16 * MIB).name(name);
  }

  @Test
  void namedBuildersShareAFile() {
    for (int run = 0; run < 2; run++) {
      Carafe<Long, byte[]> a = named("a", MIB).build();
      try (Carafe<Long, byte[]> b = named("b", MIB).build()) {
        assertEquals(run == 1, a.getIfPresent(1L) != null);
        a.put(1L, value(1, 1, 100));
        b.put(1L, value(1, 2, 100));
        a.close();
        assertArrayEquals(value(1, 2, 100), b.getIfPresent(1L));
        assertMessage(
            "'b' of this store is open already",
            assertThrows(IllegalStateException.class, () -> named("b", MIB).build()));
        assertMessage(
            "equal settings of memory",
            assertThrows(IllegalArgumentException.class, () -> named("c", 2 * MIB).build()));
        assertMessage(
            "give the builders of both caches a name",
            assertThrows(
                FileInUseException.class,
                () -> Caches.builder(MIB).file(directory.resolve("n.carafe"), 16 * MIB).build()));
      }
    }
    try (CarafeStore store =
        CarafeStore.newBuilder()
            .memory(MIB)
            .file(directory.resolve("n.carafe"), 16 * MIB)
            .build()) {
      assertEquals(Set.of("a", "b"), store.cacheNames());
    }
    assertThrows(IllegalStateException.class, () -> Caches.builder(MIB).name("a").build());
  }
}
