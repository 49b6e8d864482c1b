package dev.carafe.jcache;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.cache.CacheException;

/** The names of the properties that {@link Settings} reads. */
final class SettingNames {
  static final String PREFIX = "carafe.cache.";
  static final String DEFAULTS = "carafe.default.";

  /** Settings of the builder that have another name or no meaning here, and what to use. */
  private static final Map<String, String> INSTEAD =
      Map.of(
          "fileSize", "use fileBytes",
          "recordStats", "use statistics = true",
          "expireAfterWrite", "use expiry = modified and a duration",
          "expireAfterAccess", "use expiry = touched and a duration",
          "refreshAfterWrite", "JCache has no refresh: use expiry, and readThrough to load again");

  private static final Set<String> KNOWN =
      new TreeSet<>(
          Set.of(
              "memory",
              "indexMemory",
              "file",
              "fileBytes",
              "persist",
              "recovery",
              "io",
              "compression",
              "overload",
              "persistWithin",
              "scheduler",
              "keyType",
              "valueType",
              "keyCodec",
              "valueCodec",
              "serialFilter",
              "expiry",
              "statistics",
              "management",
              "readThrough",
              "loader",
              "writeThrough",
              "writer"));

  private SettingNames() {}

  /** Refuses a name that is misspelled: its setting would not be made. */
  static void requireKnown(String property) {
    boolean ofCache = property.startsWith(PREFIX) && property.lastIndexOf('.') >= PREFIX.length();
    if (property.startsWith("carafe.")
        && !((ofCache || property.startsWith(DEFAULTS))
            && KNOWN.contains(property.substring(property.lastIndexOf('.') + 1)))) {
      String instead = INSTEAD.get(property.substring(property.lastIndexOf('.') + 1));
      throw new CacheException(
          "no such setting: "
              + property
              + (instead == null
                  ? "; there are carafe.default.… and carafe.cache.NAME.… of " + KNOWN
                  : "; " + instead));
    }
  }
}
