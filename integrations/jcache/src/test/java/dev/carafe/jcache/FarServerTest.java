package dev.carafe.jcache;

import static dev.carafe.redis.testing.RedisForTests.eventually;

import dev.carafe.redis.CarafeNearCache;
import dev.carafe.redis.testing.RedisForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.cache.Cache;
import javax.cache.CacheManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of caches whose values are also at a Redis server. Two managers stand for two processes.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class FarServerTest {
  @TempDir static Path folder;

  static RedisForTests server;

  @TempDir Path directory;

  private final List<CarafeCachingProvider> providers = new ArrayList<>();

  @BeforeAll
  static void startServer() {
    server = new RedisForTests(folder);
  }

  @AfterAll
  static void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void emptyServer() {
    server.commands().flushall();
  }

  @AfterEach
  void close() {
    providers.forEach(CarafeCachingProvider::close);
  }

  /** A manager of its own provider, with one store in a file of this name. */
  final CacheManager manager(String name, String... settings) {
    List<String> lines = new ArrayList<>(Arrays.asList(settings));
    lines.add("carafe.store.memory = 4m");
    lines.add("carafe.store.file = " + directory.resolve(name));
    lines.add("carafe.store.fileBytes = 16m");
    lines.add("carafe.store.createMissing = true");
    lines.add("carafe.default.keyCodec = utf8");
    lines.add("carafe.default.valueCodec = utf8");
    if (lines.stream().noneMatch(line -> line.startsWith("carafe.default.far"))) {
      lines.add("carafe.default.far = " + server.address());
    }
    return manager(lines);
  }

  final CacheManager manager(List<String> lines) {
    CarafeCachingProvider provider = new CarafeCachingProvider();
    providers.add(provider);
    try {
      Path file = Files.createTempFile(directory, "caches", ".properties");
      Files.write(file, lines);
      return provider.getCacheManager(file.toUri(), FarServerTest.class.getClassLoader());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static CarafeNearCache<?, ?> near(Cache<?, ?> cache) {
    return cache.unwrap(CarafeNearCache.class);
  }

  /** Reads a value until it is near: a read at the announcement of its write is not kept. */
  static <K> void readUntilNear(Cache<K, ?> cache, K key) {
    long hits = near(cache).stats().nearHits();
    eventually("a near hit", () -> cache.get(key) != null && near(cache).stats().nearHits() > hits);
  }
}
