package dev.carafe.jcache;

import dev.carafe.Codec;
import dev.carafe.FileOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.cache.CacheException;
import javax.cache.configuration.Factory;
import javax.cache.configuration.FactoryBuilder;
import javax.cache.expiry.AccessedExpiryPolicy;
import javax.cache.expiry.CreatedExpiryPolicy;
import javax.cache.expiry.EternalExpiryPolicy;
import javax.cache.expiry.ExpiryPolicy;
import javax.cache.expiry.ModifiedExpiryPolicy;
import javax.cache.expiry.TouchedExpiryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Caches configured by a properties file: the one that the manager's URI names, on the class path
 * or elsewhere, and the manager's own properties, which come first.
 *
 * <pre>
 * carafe.default.memory = 64m
 * carafe.cache.pages.memory = 256m
 * carafe.cache.pages.file = /var/cache/pages.carafe
 * carafe.cache.pages.fileBytes = 4g
 * carafe.cache.pages.keyType = java.lang.String
 * carafe.cache.pages.valueType = java.lang.String
 * carafe.cache.pages.keyCodec = utf8
 * carafe.cache.pages.valueCodec = utf8
 * carafe.cache.pages.expiry = created PT12H
 * carafe.cache.pages.statistics = true
 * </pre>
 *
 * <p>A codec is {@code bytes}, {@code utf8}, {@code int64}, {@code int32}, {@code uuid}, {@code
 * java:FILTER} for Java serialization with an {@link ObjectInputFilter} pattern, or the name of a
 * class with a constructor without parameters. An expiry is {@code eternal}, or {@code created},
 * {@code modified}, {@code accessed} or {@code touched} and a duration as {@link Duration#parse}
 * reads it. There are {@code management}, {@code readThrough} and {@code loader}, {@code
 * writeThrough} and {@code writer} as well.
 */
final class Settings {
  private static final Pattern SPACES = Pattern.compile("\\s+");
  static final String DEFAULT_FILE = "carafe-jcache.properties";

  private static final String PREFIX = "carafe.cache.";

  private final Properties all;
  private final ClassLoader loader;

  private Settings(Properties all, ClassLoader loader) {
    this.all = all;
    this.loader = loader;
  }

  static Settings of(URI uri, ClassLoader loader, Properties own) {
    Properties all = new Properties();
    try (InputStream in = find(uri, loader)) {
      if (in != null) {
        all.load(in);
      }
    } catch (IOException e) {
      throw new CacheException("can't read " + uri, e);
    }
    all.putAll(own);
    return new Settings(all, loader);
  }

  private static @Nullable InputStream find(URI uri, ClassLoader loader) throws IOException {
    if (uri.isAbsolute() && uri.toString().endsWith(".properties")) {
      return uri.toURL().openStream();
    }
    URL onClassPath = uri.isAbsolute() ? null : loader.getResource(uri.getPath());
    return onClassPath != null && uri.toString().endsWith(".properties")
        ? onClassPath.openStream()
        : null;
  }

  /** Whether the file configures a cache. */
  boolean names(String cache) {
    String prefix = PREFIX + cache + ".";
    return all.stringPropertyNames().stream().anyMatch(name -> name.startsWith(prefix));
  }

  private @Nullable String get(String cache, String what) {
    String own = all.getProperty(PREFIX + cache + "." + what);
    return own != null ? own : all.getProperty("carafe.default." + what);
  }

  private boolean is(String cache, String what) {
    return Boolean.parseBoolean(get(cache, what));
  }

  /** All that is said of a cache. */
  CarafeConfiguration<Object, Object> configuration(String cache) {
    CarafeConfiguration<Object, Object> configuration = new CarafeConfiguration<>();
    configuration.setTypes(type(get(cache, "keyType")), type(get(cache, "valueType")));
    configuration.setStatisticsEnabled(is(cache, "statistics"));
    configuration.setManagementEnabled(is(cache, "management"));
    configuration.setReadThrough(is(cache, "readThrough"));
    configuration.setWriteThrough(is(cache, "writeThrough"));
    String loaderName = get(cache, "loader");
    if (loaderName != null) {
      configuration.setCacheLoaderFactory(FactoryBuilder.factoryOf(loaderName));
    }
    String writerName = get(cache, "writer");
    if (writerName != null) {
      configuration.setCacheWriterFactory(FactoryBuilder.factoryOf(writerName));
    }
    configuration.setExpiryPolicyFactory(expiry(get(cache, "expiry")));
    applyOwn(cache, configuration);
    return configuration;
  }

  /** What JSR-107's own configuration has no words for. */
  <K, V> void applyOwn(String cache, CarafeConfiguration<K, V> configuration) {
    String memory = get(cache, "memory");
    if (memory != null) {
      configuration.setMemoryBytes(bytes(memory));
    }
    String file = get(cache, "file");
    String fileBytes = get(cache, "fileBytes");
    if (file != null) {
      if (fileBytes == null) {
        throw new CacheException(PREFIX + cache + ".file needs fileBytes");
      }
      configuration.setFile(FileOptions.at(Path.of(file), bytes(fileBytes)));
    }
    String filter = get(cache, "serialFilter");
    if (filter != null) {
      configuration.setSerialFilter(ObjectInputFilter.Config.createFilter(filter));
    }
    configuration.setKeyCodec(codec(get(cache, "keyCodec")));
    configuration.setValueCodec(codec(get(cache, "valueCodec")));
  }

  @SuppressWarnings("unchecked")
  private Class<Object> type(@Nullable String name) {
    try {
      return (Class<Object>) (name == null ? Object.class : Class.forName(name, true, loader));
    } catch (ClassNotFoundException e) {
      throw new CacheException("no class " + name, e);
    }
  }

  @SuppressWarnings("unchecked")
  private <T> @Nullable Codec<T> codec(@Nullable String name) {
    if (name == null) {
      return null;
    }
    return (Codec<T>)
        switch (name) {
          case "bytes" -> Codec.bytes();
          case "utf8" -> Codec.utf8();
          case "int64" -> Codec.int64();
          case "int32" -> Codec.int32();
          case "uuid" -> Codec.uuid();
          default -> made(name);
        };
  }

  private Object made(String name) {
    if (name.startsWith("java:")) {
      ObjectInputFilter filter = ObjectInputFilter.Config.createFilter(name.substring(5));
      return new SerialCodec<>(() -> loader, filter);
    }
    try {
      return type(name).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new CacheException("can't make a " + name, e);
    }
  }

  private static Factory<? extends ExpiryPolicy> expiry(@Nullable String words) {
    if (words == null || words.equals("eternal")) {
      return EternalExpiryPolicy.factoryOf();
    }
    String[] parts = SPACES.split(words.trim(), -1);
    if (parts.length != 2) {
      throw new CacheException("an expiry is a word and a duration, but is " + words);
    }
    var duration =
        new javax.cache.expiry.Duration(TimeUnit.MILLISECONDS, Duration.parse(parts[1]).toMillis());
    return switch (parts[0]) {
      case "created" -> CreatedExpiryPolicy.factoryOf(duration);
      case "modified" -> ModifiedExpiryPolicy.factoryOf(duration);
      case "accessed" -> AccessedExpiryPolicy.factoryOf(duration);
      case "touched" -> TouchedExpiryPolicy.factoryOf(duration);
      default -> throw new CacheException("no such expiry: " + words);
    };
  }

  /** Such as 4096, 64k, 16m or 4g. */
  static long bytes(String words) {
    String text = words.trim().toLowerCase(Locale.ROOT);
    int shift =
        switch (text.charAt(text.length() - 1)) {
          case 'k' -> 10;
          case 'm' -> 20;
          case 'g' -> 30;
          default -> 0;
        };
    String number = shift == 0 ? text : text.substring(0, text.length() - 1);
    return Long.parseLong(number.trim()) << shift;
  }
}
