package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.carafe.Carafe;
import dev.carafe.CarafeBuilder;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Io;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The notifications of removal and eviction listeners. */
final class RemovalListenerTest {
  private static final int BYTES = 10_000;

  @TempDir Path directory;
  private final AtomicLong clock = new AtomicLong(System.nanoTime());
  private final List<Told> notifications = new CopyOnWriteArrayList<>();
  private final List<Told> evicted = new CopyOnWriteArrayList<>();

  private record Told(@Nullable Long key, int version, RemovalCause cause) {}

  /** The first byte is the version. */
  private static byte[] versioned(long key, int version) {
    byte[] value = value(key, version, BYTES);
    value[0] = (byte) version;
    return value;
  }

  private CarafeBuilder<Long, byte[]> builder() {
    return listening(Caches.builder(MIB));
  }

  private CarafeBuilder<Long, byte[]> overFile(long fileBytes) {
    return listening(
        Caches.builder(MIB)
            .file(
                FileOptions.at(directory.resolve("c"), fileBytes)
                    .withIo(Io.CHANNEL)
                    .withCompression(Compression.NONE)));
  }

  private CarafeBuilder<Long, byte[]> listening(CarafeBuilder<Long, byte[]> builder) {
    return builder
        .executor(Runnable::run)
        .ticker(clock::get)
        .recordStats()
        .removalListener((@Nullable Long key, byte @Nullable [] value, RemovalCause cause) ->
            notifications.add(new Told(key, value == null ? -1 : value[0], cause)))
        .evictionListener((@Nullable Long key, byte @Nullable [] value, RemovalCause cause) ->
            evicted.add(new Told(key, value == null ? -1 : value[0], cause)));
  }

  @Test
  void replacedAndExplicitInMemoryAndFromTheFileAlone() {
    try (Carafe<Long, byte[]> cache = overFile(64 * MIB).build()) {
      for (long key = 0; key < 300; key++) { // three times what memory holds
        cache.put(key, versioned(key, 1));
      }
      assertEquals(List.of(), notifications); // demoted values are still in the cache
      for (long key = 0; key < 300; key++) {
        cache.put(key, versioned(key, 2));
      }
      assertEquals(300, notifications.size());
      assertTrue(notifications.contains(new Told(0L, 1, RemovalCause.REPLACED)));
      notifications.clear();
      cache.invalidate(0L);
      cache.invalidate(0L);
      assertEquals(List.of(new Told(0L, 2, RemovalCause.EXPLICIT)), notifications);
      notifications.clear();
      cache.invalidateAll();
      assertEquals(
          299, notifications.stream().filter(t -> t.cause() == RemovalCause.EXPLICIT).count());
      assertEquals(List.of(), evicted);
    }
  }

  @Test
  void sizeInMemoryAlone() {
    try (Carafe<Long, byte[]> cache = builder().build()) {
      for (long key = 0; key < 300; key++) {
        cache.put(key, versioned(key, 1));
      }
      cache.cleanUp();
      assertEquals(300, notifications.size() + cache.estimatedSize());
      assertEquals(notifications, evicted);
      assertTrue(
          notifications.contains(new Told(notifications.getFirst().key(), 1, RemovalCause.SIZE)));
      assertEquals(notifications.size(), cache.stats().evictionCount());
      assertEquals((long) notifications.size() * BYTES, cache.stats().evictionWeight());
    }
  }

  @Test
  void sizeWhenTheFileReclaimsARecord() {
    try (Carafe<Long, byte[]> cache = overFile(4 * MIB).build()) {
      for (long key = 0; key < 2_000; key++) { // five times what both hold
        cache.put(key, versioned(key, 1));
      }
      cache.flush();
      assertTrue(notifications.size() > 1_000, () -> notifications.size() + " were told");
      assertTrue(
          notifications.stream().allMatch(t -> t.cause() == RemovalCause.SIZE && t.version() == 1));
      assertEquals(notifications.size(), notifications.stream().map(Told::key).distinct().count());
      for (Told gone : notifications) {
        Long key = gone.key();
        assertTrue(key != null && cache.getIfPresent(key) == null, () -> "still there: " + gone);
      }
    }
  }

  @Test
  void expiredInBothTiers() {
    try (Carafe<Long, byte[]> cache =
        overFile(64 * MIB).expireAfterWrite(Duration.ofMinutes(1)).build()) {
      for (long key = 0; key < 300; key++) {
        cache.put(key, versioned(key, 1));
      }
      clock.addAndGet(Duration.ofMinutes(2).toNanos());
      for (long key = 0; key < 300; key++) {
        assertEquals(null, cache.getIfPresent(key));
      }
      cache.cleanUp();
      assertEquals(300, notifications.size());
      assertTrue(notifications.stream().allMatch(t -> t.cause() == RemovalCause.EXPIRED));
      assertEquals(0, cache.estimatedSize());
    }
  }

  /**
   * Regression: if a computation returned its argument, and the application's code removed the key
   * inside it, listeners were not notified of that removal.
   */
  @Test
  void computationsThatReturnTheirArgumentNotifyOnlyOfNestedRemovals() {
    AtomicReference<@Nullable Runnable> inside = new AtomicReference<>();
    Expiry<Long, byte[]> expiry =
        Expiry.writing((key, value) -> {
          Runnable once = inside.getAndSet(null);
          if (once != null) {
            once.run();
          }
          return Duration.ofDays(1);
        });
    try (Carafe<Long, byte[]> cache = builder().expireAfter(expiry).build()) {
      cache.put(1L, versioned(1, 1));
      assertNotNull(cache.asMap().computeIfPresent(1L, (key, value) -> value));
      assertEquals(List.of(), notifications);
      inside.set(() -> cache.invalidate(1L));
      assertNotNull(cache.asMap().computeIfPresent(1L, (key, value) -> value));
      assertEquals(List.of(new Told(1L, 1, RemovalCause.EXPLICIT)), notifications);
      assertNotNull(cache.getIfPresent(1L));
    }
  }

  @Test
  void listenerExceptionsFailNoOperation() {
    try (Carafe<Long, byte[]> cache =
        Caches.builder(MIB)
            .executor(Runnable::run)
            .removalListener((@Nullable Long key, byte @Nullable [] value, RemovalCause cause) -> {
              throw new ArithmeticException("listener");
            })
            .build()) {
      cache.put(1L, new byte[1]);
      cache.put(1L, new byte[2]);
      cache.invalidate(1L);
      assertEquals(null, cache.getIfPresent(1L));
    }
  }
}
