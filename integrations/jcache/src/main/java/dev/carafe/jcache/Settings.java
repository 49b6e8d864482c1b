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
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
 * writeThrough} and {@code writer} as well, and {@code serialFilter}, with which Java serialization
 * is the codec of what has none. What is misspelled is refused.
 */
final class Settings {
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9}(?=\\D)|\\d{1,18}) ?([kmg]?)");
  private static final String CODECS =
      "bytes, utf8, int64, int32, uuid, java:FILTER, or a Codec's class with a constructor without"
          + " parameters";
  private static final String EXPIRIES =
      "eternal; or created, modified, accessed or touched and a duration, such as PT12H";
  static final String DEFAULT_FILE = "carafe-jcache.properties";

  private static final String PREFIX = "carafe.cache.";
  private static final String DEFAULTS = "carafe.default.";
  private static final Set<String> KNOWN =
      new TreeSet<>(
          Set.of(
              "memory",
              "file",
              "fileBytes",
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
      } else if (uri.toString().endsWith(".properties") && !uri.toString().equals(DEFAULT_FILE)) {
        throw new CacheException("there is no " + uri + " on the class path; a file is file:/…");
      }
    } catch (IOException e) {
      throw new CacheException("can't read " + uri, e);
    }
    all.putAll(own);
    all.stringPropertyNames().forEach(Settings::requireKnown);
    return new Settings(all, loader);
  }

  /** A word that is misspelled would else be a setting that is silently not made. */
  private static void requireKnown(String property) {
    boolean ofCache = property.startsWith(PREFIX) && property.lastIndexOf('.') >= PREFIX.length();
    if (property.startsWith("carafe.")
        && !((ofCache || property.startsWith(DEFAULTS))
            && KNOWN.contains(property.substring(property.lastIndexOf('.') + 1)))) {
      throw new CacheException(
          "no such setting: "
              + property
              + "; there are carafe.default.… and carafe.cache.NAME.… of "
              + KNOWN);
    }
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

  /** The caches that the file configures. */
  Set<String> names() {
    return all.stringPropertyNames().stream()
        .filter(property -> property.startsWith(PREFIX))
        .map(property -> property.substring(PREFIX.length(), property.lastIndexOf('.')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private @Nullable String get(String cache, String what) {
    String own = all.getProperty(PREFIX + cache + "." + what);
    String said = own != null ? own : all.getProperty(DEFAULTS + what);
    return said == null ? null : said.trim();
  }

  private boolean is(String cache, String what) {
    String said = get(cache, what);
    if (said != null && !said.equals("true") && !said.equals("false")) {
      throw wrong(cache, what, said, "true or false");
    }
    return "true".equals(said);
  }

  private static CacheException wrong(String cache, String what, String said, String right) {
    return new CacheException(
        what + " of the cache " + cache + " is " + said + " but must be " + right);
  }

  /** All that is said of a cache. */
  CarafeConfiguration<Object, Object> configuration(String cache) {
    CarafeConfiguration<Object, Object> configuration = new CarafeConfiguration<>();
    configuration.setTypes(type(cache, "keyType"), type(cache, "valueType"));
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
    configuration.setExpiryPolicyFactory(expiry(cache));
    applyOwn(cache, configuration);
    return configuration;
  }

  /** What JSR-107's own configuration has no words for. */
  <K, V> void applyOwn(String cache, CarafeConfiguration<K, V> configuration) {
    if (get(cache, "memory") != null) {
      configuration.setMemoryBytes(bytes(cache, "memory"));
    }
    String file = get(cache, "file");
    if (file != null) {
      configuration.setFile(FileOptions.at(Path.of(file), bytes(cache, "fileBytes")));
    }
    String filter = get(cache, "serialFilter");
    if (filter != null) {
      configuration.setSerialFilter(ObjectInputFilter.Config.createFilter(filter));
    }
    configuration.setKeyCodec(codec(cache, "keyCodec"));
    configuration.setValueCodec(codec(cache, "valueCodec"));
  }

  @SuppressWarnings("unchecked")
  private Class<Object> type(String cache, String what) {
    String name = get(cache, what);
    try {
      return (Class<Object>) (name == null ? Object.class : Class.forName(name, true, loader));
    } catch (ClassNotFoundException e) {
      CacheException wrong = wrong(cache, what, String.valueOf(name), "the name of a class");
      wrong.initCause(e);
      throw wrong;
    }
  }

  @SuppressWarnings("unchecked")
  private <T> @Nullable Codec<T> codec(String cache, String what) {
    String name = get(cache, what);
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
          default -> made(cache, what, name);
        };
  }

  private Object made(String cache, String what, String name) {
    if (name.startsWith("java:")) {
      ObjectInputFilter filter = ObjectInputFilter.Config.createFilter(name.substring(5));
      return what.equals("keyCodec")
          ? SerialCodec.ofKeys(() -> loader, filter)
          : SerialCodec.ofValues(() -> loader, filter);
    }
    try {
      Object made = type(cache, what).getDeclaredConstructor().newInstance();
      if (made instanceof Codec<?>) {
        return made;
      }
    } catch (ReflectiveOperationException e) {
      CacheException wrong = wrong(cache, what, name, CODECS);
      wrong.initCause(e);
      throw wrong;
    }
    throw wrong(cache, what, name, CODECS);
  }

  private Factory<? extends ExpiryPolicy> expiry(String cache) {
    String words = get(cache, "expiry");
    if (words == null || words.equals("eternal")) {
      return EternalExpiryPolicy.factoryOf();
    }
    String[] parts = SPACES.split(words, -1);
    long millis;
    try {
      millis = Duration.parse(parts[parts.length - 1]).toMillis();
    } catch (DateTimeParseException e) {
      throw wrong(cache, "expiry", words, EXPIRIES);
    }
    var duration = new javax.cache.expiry.Duration(TimeUnit.MILLISECONDS, millis);
    return switch (parts.length == 2 ? parts[0] : "") {
      case "created" -> CreatedExpiryPolicy.factoryOf(duration);
      case "modified" -> ModifiedExpiryPolicy.factoryOf(duration);
      case "accessed" -> AccessedExpiryPolicy.factoryOf(duration);
      case "touched" -> TouchedExpiryPolicy.factoryOf(duration);
      default -> throw wrong(cache, "expiry", words, EXPIRIES);
    };
  }

  private long bytes(String cache, String what) {
    String words = get(cache, what);
    Matcher size = SIZE.matcher(words == null ? "" : words.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw wrong(cache, what, String.valueOf(words), "bytes, such as 4096, 64k, 16m or 4g");
    }
    int shift =
        switch (size.group(2)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    return Long.parseLong(size.group(1)) << shift;
  }
}
