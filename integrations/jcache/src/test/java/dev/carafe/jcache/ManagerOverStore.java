package dev.carafe.jcache;

import java.net.URI;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import javax.cache.CacheManager;
import javax.cache.Caching;
import javax.cache.configuration.MutableConfiguration;
import org.junit.jupiter.api.io.TempDir;

/** The managers of a test: their caches share a store in a directory of the test. */
abstract class ManagerOverStore {
  static final String FILTER = "java.lang.*;java.util.*;!*";

  @TempDir Path directory;

  /** The file of the store. */
  final Path file() {
    return directory.resolve("s.carafe");
  }

  /** The settings of a store with a file. */
  final Properties store() {
    Properties properties = new Properties();
    properties.setProperty("carafe.store.memory", "4m");
    properties.setProperty("carafe.store.file", file().toString());
    properties.setProperty("carafe.store.fileBytes", "64m");
    properties.setProperty("carafe.default.serialFilter", FILTER);
    return properties;
  }

  final CacheManager manager(Properties properties) {
    return Caching.getCachingProvider()
        .getCacheManager(URI.create("store:" + directory), null, properties);
  }

  final CacheManager manager() {
    return manager(store());
  }

  static <K, V> MutableConfiguration<K, V> typed(Class<K> keys, Class<V> values) {
    return new MutableConfiguration<K, V>().setTypes(keys, values);
  }

  static Set<String> names(CacheManager caches) {
    Set<String> names = new TreeSet<>();
    caches.getCacheNames().forEach(names::add);
    return names;
  }
}
