package dev.carafe.jcache;

import dev.carafe.FileOptions;
import dev.carafe.spi.SettingText;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.function.BiFunction;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one cache, or of the store of a manager, as text.
 *
 * @param all the properties
 * @param owner the cache or the store, as messages name it
 * @param prefixes the prefixes of its properties; the first one that has a setting gives its value
 */
record SettingScope(Properties all, String owner, List<String> prefixes) {
  static SettingScope ofCache(Properties all, String cache) {
    return new SettingScope(
        all,
        "the cache " + cache,
        List.of(SettingNames.PREFIX + cache + ".", SettingNames.DEFAULTS));
  }

  static SettingScope ofStore(Properties all) {
    return new SettingScope(all, "carafe.store", List.of(SettingNames.STORE));
  }

  /** Returns the value of a setting, null if it is not made. */
  @Nullable String get(String setting) {
    for (String prefix : prefixes) {
      String value = all.getProperty(prefix + setting);
      if (value != null) {
        return value.trim();
      }
    }
    return null;
  }

  boolean is(String setting) {
    String said = get(setting);
    if (said != null && !said.equals("true") && !said.equals("false")) {
      throw wrong(setting, said, "true or false");
    }
    return "true".equals(said);
  }

  CacheException wrong(String setting, String said, String right) {
    return new CacheException(setting + " of " + owner + " is " + said + " but must be " + right);
  }

  /** Returns a setting as its parser reads it, null if it is not made. */
  <T> @Nullable T parsed(String setting, BiFunction<String, String, T> parser) {
    String value = get(setting);
    if (value == null) {
      return null;
    }
    try {
      return parser.apply(setting, value);
    } catch (IllegalArgumentException e) {
      throw new CacheException(owner + ": " + e.getMessage(), e);
    }
  }

  /** Returns the file and its modes, null if there is none. */
  @Nullable FileOptions file() {
    String path = get("file");
    if (path == null) {
      return null;
    }
    FileOptions options =
        parsed(
            "fileBytes",
            (key, value) -> FileOptions.at(Path.of(path), SettingText.bytes(key, value)));
    if (options == null) {
      throw wrong("fileBytes", "missing", "the capacity of the file, such as 4g");
    }
    for (String mode : SettingText.MODES) {
      FileOptions before = options;
      BiFunction<String, String, FileOptions> with =
          (key, value) -> SettingText.withMode(before, key, value);
      FileOptions changed = parsed(mode, with);
      options = changed == null ? before : changed;
    }
    return options;
  }
}
