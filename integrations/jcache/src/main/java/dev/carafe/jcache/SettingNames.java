package dev.carafe.jcache;

import dev.carafe.spi.SettingText;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/** The names of the properties that {@link Settings} reads. */
final class SettingNames {
  static final String PREFIX = "carafe.cache.";
  static final String DEFAULTS = "carafe.default.";
  static final String STORE = "carafe.store.";

  /** Settings of the builder that have another name or no meaning here, and what to use. */
  private static final Map<String, String> INSTEAD =
      Map.of(
          "fileSize", "use fileBytes",
          "recordStats", "use statistics = true",
          "recordMissRatioCurve",
              "JCache has no statistics of other sizes: build the cache by Carafe.newBuilder()",
          "expireAfterWrite", "use expiry = modified and a duration",
          "expireAfterAccess", "use expiry = touched and a duration",
          "refreshAfterWrite", "JCache has no refresh: use expiry, and readThrough to load again");

  /** What a cache of its own has, and the caches of a store have in common. */
  private static final Set<String> SHARED =
      with(SettingText.MODES, "indexMemory", "file", "fileBytes", "persistWithin");

  private static final Set<String> OF_STORE =
      with(SHARED, "memory", "createMissing", "writeBudget");

  private static final Set<String> OF_CACHE =
      with(
          SHARED,
          "memory",
          "memoryLimit",
          "scheduler",
          "keyType",
          "valueType",
          "keyCodec",
          "valueCodec",
          "serialFilter",
          "expiry",
          "far",
          "staleIfDisconnected",
          "statistics",
          "management",
          "readThrough",
          "loader",
          "writeThrough",
          "writer");

  private SettingNames() {}

  private static Set<String> with(Iterable<String> names, String... more) {
    Set<String> all = new TreeSet<>(Set.of(more));
    names.forEach(all::add);
    return all;
  }

  /** Returns whether the manager has a store. */
  static boolean haveStore(Properties all) {
    return all.stringPropertyNames().stream().anyMatch(name -> name.startsWith(STORE));
  }

  /** Refuses each property that is misspelled, or has no effect: its setting would not be made. */
  static void check(Properties all) {
    boolean store = haveStore(all);
    for (String property : new TreeSet<>(all.stringPropertyNames())) {
      String setting = property.substring(property.lastIndexOf('.') + 1);
      if (property.startsWith(STORE)) {
        if (!property.equals(STORE + setting) || !OF_STORE.contains(setting)) {
          throw unknown(property, setting, "carafe.store.… of " + OF_STORE);
        }
        requireFile(all, property, setting);
      } else if (property.startsWith("carafe.")) {
        boolean ofCache =
            property.startsWith(PREFIX) && property.lastIndexOf('.') >= PREFIX.length();
        if (!(ofCache || property.startsWith(DEFAULTS)) || !OF_CACHE.contains(setting)) {
          throw unknown(
              property,
              setting,
              "carafe.default.… and carafe.cache.NAME.… of "
                  + OF_CACHE
                  + ", and carafe.store.… of "
                  + OF_STORE);
        }
        requireEffect(store, property, setting, all.getProperty(property));
        requireFar(all, property, setting);
      }
    }
  }

  private static CacheException unknown(String property, String setting, String known) {
    String instead = INSTEAD.get(setting);
    return new CacheException(
        "no such setting: " + property + "; " + (instead == null ? "there are " + known : instead));
  }

  private static void requireFile(Properties all, String property, String setting) {
    if ((setting.equals("fileBytes") || SettingText.MODES.contains(setting))
        && all.getProperty(STORE + "file") == null) {
      throw new CacheException(
          property
              + " = "
              + all.getProperty(property)
              + ": the store has no file; set carafe.store.file, or remove "
              + property);
    }
  }

  private static void requireFar(Properties all, String property, String setting) {
    if (setting.equals("staleIfDisconnected")) {
      String own = property.substring(0, property.length() - setting.length()) + "far";
      if (all.getProperty(own) == null && all.getProperty(DEFAULTS + "far") == null) {
        throw new CacheException(
            property
                + " = "
                + all.getProperty(property)
                + ": there is no server; set "
                + own
                + ", or remove "
                + property);
      }
    }
  }

  private static void requireEffect(
      boolean store, String property, String setting, @Nullable String value) {
    if (store && SHARED.contains(setting)) {
      throw new CacheException(
          property
              + " = "
              + value
              + ": the caches of this manager share its store; use carafe.store."
              + setting
              + ", or remove "
              + property);
    }
    if (!store && setting.equals("memoryLimit")) {
      throw new CacheException(
          property
              + " = "
              + value
              + ": this manager has no store, and memory is the limit of a cache; set"
              + " carafe.store.memory, or remove "
              + property);
    }
  }
}
