package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static dev.carafe.cache.Stores.assertMessage;
import static dev.carafe.cache.Stores.numbers;
import static dev.carafe.cache.Stores.texts;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The names and the settings of the caches of a store, and what is refused. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StoreSettingsTest {
  @TempDir Path directory;

  @Test
  void anotherCodecIsRefusedByName() {
    try (CarafeStore store = Stores.open(directory)) {
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
    Stores.open(directory).close();
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
    try (CarafeStore store = Stores.open(directory);
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
    try (CarafeStore store = Stores.open(directory)) {
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
