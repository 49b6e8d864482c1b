package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheWriter;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** JCache as an application meets it that knows no Carafe but for a properties file. */
final class JCacheFileTest {
  private static final ConcurrentMap<String, List<String>> DATABASE = new ConcurrentHashMap<>();

  @TempDir Path directory;

  /** Named in the file. */
  public static final class Loader implements CacheLoader<String, List<String>> {
    /** As its name needs it. */
    public Loader() {}

    @Override
    public @Nullable List<String> load(String key) {
      return DATABASE.get(key); // null is a miss
    }

    @Override
    public Map<String, List<String>> loadAll(Iterable<? extends String> keys) {
      throw new AssertionError("not in this test");
    }
  }

  /** Named in the file. */
  public static final class Writer implements CacheWriter<String, List<String>> {
    /** As its name needs it. */
    public Writer() {}

    @Override
    public void write(Cache.Entry<? extends String, ? extends List<String>> entry) {
      DATABASE.put(entry.getKey(), entry.getValue());
    }

    @Override
    public void writeAll(
        Collection<Cache.Entry<? extends String, ? extends List<String>>> entries) {
      entries.forEach(this::write);
    }

    @Override
    public void delete(Object key) {
      DATABASE.keySet().remove(key);
    }

    @Override
    public void deleteAll(Collection<?> keys) {
      keys.forEach(this::delete);
    }
  }

  @BeforeEach
  void emptyDatabase() {
    DATABASE.clear();
  }

  private CacheManager manager(String... lines) throws Exception {
    Path file = directory.resolve("caches.properties");
    Files.write(file, Arrays.asList(lines));
    return Caching.getCachingProvider().getCacheManager(file.toUri(), null);
  }

  private CacheManager shops() throws Exception {
    return manager(
        "carafe.default.memory = 1m",
        "carafe.cache.shops.file = " + directory.resolve("shops.carafe"),
        "carafe.cache.shops.fileBytes = 1m",
        "carafe.cache.shops.keyType = java.lang.String",
        "carafe.cache.shops.valueType = java.util.List",
        "carafe.cache.shops.keyCodec = utf8",
        "carafe.cache.shops.valueCodec = java:java.util.*;java.lang.*;!*",
        "carafe.cache.shops.readThrough = true",
        "carafe.cache.shops.loader = " + Loader.class.getName(),
        "carafe.cache.shops.writeThrough = true",
        "carafe.cache.shops.writer = " + Writer.class.getName(),
        "carafe.cache.shops.statistics = true",
        "carafe.cache.shops.management = true");
  }

  @Test
  void readsAndWritesThroughByValueAndOverARestart() throws Exception {
    DATABASE.put("loaded", new ArrayList<>(List.of("by the loader")));
    try (CacheManager caches = shops()) {
      assertEquals(Set.of("shops"), names(caches));
      Cache<String, List<String>> shops = caches.getCache("shops");
      assertEquals(List.of("by the loader"), shops.get("loaded"));
      assertNull(shops.get("nowhere"));
      List<String> mine = new ArrayList<>(List.of("a"));
      shops.put("put", mine);
      mine.add("b"); // stored by value: the cache does not see it
      assertEquals(List.of("a"), shops.get("put"));
      shops.remove("loaded");
      assertEquals(Set.of("put"), DATABASE.keySet());
    }
    DATABASE.clear();
    try (CacheManager caches = shops()) {
      Cache<String, List<String>> shops = caches.getCache("shops");
      assertEquals(List.of("a"), shops.get("put"));
      assertNull(shops.get("loaded"));
      caches.destroyCache("shops");
    }
    assertTrue(Files.notExists(directory.resolve("shops.carafe")));
  }

  @Test
  void destroyingACacheThatIsNotOpenDeletesItsFile() throws Exception {
    try (CacheManager caches = shops()) {
      caches.getCache("shops").put("put", new ArrayList<>(List.of("a")));
    }
    assertTrue(Files.exists(directory.resolve("shops.carafe")));
    try (CacheManager caches = shops()) {
      caches.destroyCache("shops");
    }
    assertTrue(Files.notExists(directory.resolve("shops.carafe")));
  }

  private static Set<String> names(CacheManager caches) {
    Set<String> names = ConcurrentHashMap.newKeySet();
    caches.getCacheNames().forEach(names::add);
    return names;
  }

  @Test
  void showsItselfByBeans() throws Exception {
    try (CacheManager caches = shops()) {
      Cache<String, List<String>> shops = caches.getCache("shops");
      shops.put("a", List.of("1"));
      var _ = shops.get("a");
      var _ = shops.get("nowhere");
      var server = ManagementFactory.getPlatformMBeanServer();
      Map<String, ObjectName> beans =
          server.queryNames(new ObjectName("javax.cache:Cache=shops,*"), null).stream()
              .collect(Collectors.toMap(name -> name.getKeyProperty("type"), name -> name));
      assertEquals(Set.of("CacheConfiguration", "CacheStatistics"), beans.keySet());
      ObjectName counted = beans.get("CacheStatistics");
      assertEquals(1L, server.getAttribute(counted, "CacheHits"));
      assertEquals(1L, server.getAttribute(counted, "CacheMisses"));
      assertEquals(1L, server.getAttribute(counted, "CachePuts"));
      ObjectName configured = beans.get("CacheConfiguration");
      assertEquals(true, server.getAttribute(configured, "ReadThrough"));
      assertEquals(true, server.getAttribute(configured, "StoreByValue"));
    }
    var server = ManagementFactory.getPlatformMBeanServer();
    assertEquals(Set.of(), server.queryNames(new ObjectName("javax.cache:Cache=shops,*"), null));
  }

  /** A value that tells how often it was written. */
  static final class Counted implements Serializable {
    private static final long serialVersionUID = 1;
    static final AtomicInteger WRITES = new AtomicInteger();

    private void writeObject(ObjectOutputStream out) throws IOException {
      WRITES.incrementAndGet();
      out.defaultWriteObject();
    }
  }

  @Test
  void aValueIsSerializedOnce() throws Exception {
    try (CacheManager caches = manager("carafe.cache.c.memory = 1m")) {
      Cache<String, Counted> cache = caches.getCache("c");
      int before = Counted.WRITES.get();
      cache.put("a", new Counted());
      assertEquals(1, Counted.WRITES.get() - before);
    }
  }

  /** An object of a class that comes back as another. */
  static final class Replaced implements Serializable {
    private static final long serialVersionUID = 1;

    Object writeReplace() {
      return "text";
    }
  }

  /** R7: no miss later without a word. */
  @Test
  void putRejectsWhatItsFilterWouldNotLetBack() throws Exception {
    String filter = "carafe.cache.c.serialFilter = maxarray=3;java.lang.*;java.util.UUID;!*";
    try (CacheManager caches = manager("carafe.cache.c.memory = 1m", filter)) {
      Cache<Object, Object> cache = caches.getCache("c");
      cache.put(new UUID(1, 2), "one");
      assertEquals("one", cache.get(new UUID(1, 2)));
      cache.put("long", new int[3]);
      rejected(() -> cache.put("key", new Counted()), Counted.class.getName(), "serialFilter");
      rejected(() -> cache.put(new Counted(), "value"), Counted.class.getName(), "serialFilter");
      rejected(() -> cache.put("long", new int[4]), "[I", "limits");
      assertNull(cache.get("key"));
    }
    try (CacheManager caches = manager("carafe.cache.c.memory = 1m")) {
      Cache<Object, Object> cache = caches.getCache("c");
      rejected(() -> cache.put("key", new Replaced()), Replaced.class.getName(), "String");
    }
  }

  private static void rejected(Executable put, String... words) {
    CacheException thrown = assertThrows(CacheException.class, put);
    for (String word : words) {
      assertTrue(String.valueOf(thrown.getMessage()).contains(word), thrown::getMessage);
    }
  }
}
