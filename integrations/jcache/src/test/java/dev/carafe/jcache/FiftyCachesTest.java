package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.cache.Cache;
import javax.cache.CacheManager;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fifty caches of a manager: types of keys and values, threads, descriptors and files. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FiftyCachesTest extends ManagerOverStore {
  private static final int CACHES = 50;

  /** Creates cache number i, whose types depend on i. */
  private static Cache<?, ?> create(CacheManager caches, int i) {
    String name = "cache " + i;
    return switch (i % 5) {
      case 0 -> caches.createCache(name, typed(String.class, String.class));
      case 1 -> caches.createCache(name, typed(Long.class, byte[].class));
      case 2 -> caches.createCache(name, typed(UUID.class, List.class));
      case 3 ->
          caches.createCache(
              name,
              new CarafeConfiguration<Integer, String>()
                  .setKeyCodec(Codec.int32())
                  .setValueCodec(Codec.utf8()));
      default -> caches.createCache(name, new MutableConfiguration<Object, Object>());
    };
  }

  private static Object key(int i, int k) {
    return switch (i % 5) {
      case 1 -> (long) k;
      case 2 -> new UUID(1, k);
      case 3 -> k;
      default -> "key " + k;
    };
  }

  private static Object value(int i, int k) {
    return switch (i % 5) {
      case 1 -> new byte[] {(byte) i, (byte) k};
      case 2 -> new ArrayList<>(List.of(i, k));
      default -> "value " + i + " " + k;
    };
  }

  @SuppressWarnings("unchecked") // as create has made it
  private static Cache<Object, Object> untyped(Cache<?, ?> cache) {
    return (Cache<Object, Object>) cache;
  }

  private static void assertHolds(Cache<?, ?> cache, int i) {
    for (int k = 0; k < 20; k++) {
      Object found = untyped(cache).get(key(i, k));
      if (found instanceof byte[] bytes) {
        assertArrayEquals((byte[]) value(i, k), bytes);
      } else {
        assertEquals(value(i, k), found, "cache " + i + ", key " + k);
      }
    }
  }

  @Test
  void fiftyCachesOfAnyTypesTakeOneFileAndSurviveARestart() throws Exception {
    Set<String> threads = threads();
    try (CacheManager caches = manager()) {
      for (int i = 0; i < CACHES; i++) {
        Cache<Object, Object> cache = untyped(create(caches, i));
        for (int k = 0; k < 20; k++) {
          cache.put(key(i, k), value(i, k));
        }
      }
      assertTakesLittle(threads);
    }
    try (CacheManager caches = manager()) {
      for (int i = 0; i < CACHES; i++) {
        assertHolds(create(caches, i), i);
      }
      assertTakesLittle(threads);
      caches.destroyCache("cache 7");
      assertNull(caches.getCache("cache 7"));
      assertEquals(CACHES - 1, caches.unwrap(CarafeStore.class).cacheNames().size());
      assertNull(untyped(create(caches, 7)).get(key(7, 1)));
      assertHolds(Objects.requireNonNull(caches.getCache("cache 8")), 8);
      caches.destroyCache("cache 7");
      caches.destroyCache("no such cache");
    }
    try (CacheManager caches = manager()) {
      caches.destroyCache("cache 8"); // which is not open
      Set<String> left = caches.unwrap(CarafeStore.class).cacheNames();
      assertEquals(CACHES - 2, left.size());
      assertFalse(left.contains("cache 7") || left.contains("cache 8"), left::toString);
      assertFalse(create(caches, 8).iterator().hasNext());
      assertHolds(create(caches, 9), 9);
      assertEquals(Set.of("cache 8", "cache 9"), names(caches));
    }
    assertEquals(Set.of(), descriptors());
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(file()), files.toList());
    }
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(thread -> thread.getName() + " #" + thread.threadId())
        .filter(name -> name.startsWith("carafe-"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** A keeper, and a reaper at most; the file, and the rings of a reader and of the reaper. */
  private void assertTakesLittle(Set<String> threadsBefore) throws IOException {
    Set<String> started = threads();
    started.removeAll(threadsBefore);
    assertTrue(started.size() <= 2, started::toString);
    Set<String> open = descriptors();
    assertTrue(!open.isEmpty() && open.size() <= 4, open::toString);
  }

  /** The descriptors of this test's files, and all rings if it has a file open. */
  private Set<String> descriptors() throws IOException {
    Set<String> files = new TreeSet<>();
    Set<String> rings = new TreeSet<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      for (Path each : all.toList()) {
        try {
          String target = Files.readSymbolicLink(each).toString();
          if (target.startsWith(directory.toString())) {
            files.add(each + " " + target);
          } else if (target.contains("io_uring")) {
            rings.add(each + " " + target);
          }
        } catch (NoSuchFileException e) {
          // closed since
        }
      }
    }
    if (!files.isEmpty()) {
      files.addAll(rings);
    }
    return files;
  }
}
