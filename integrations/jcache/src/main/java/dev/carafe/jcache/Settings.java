package dev.carafe.jcache;

import dev.carafe.Codec;
import dev.carafe.spi.SettingText;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.net.URI;
import java.net.URL;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
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
 * {@code modified}, {@code accessed} or {@code touched} and a duration, such as {@code PT12H} or
 * {@code 12h}. {@code indexMemory}, {@code persistWithin}, {@code persist}, {@code recovery},
 * {@code io}, {@code compression}, {@code overload}, {@code retention} and {@code scrubPeriod} are
 * those of {@link dev.carafe.CarafeBuilder#from}. {@code scheduler = system} removes expired
 * entries promptly. There are {@code management}, {@code readThrough} and {@code loader}, {@code
 * writeThrough} and {@code writer} as well, and {@code serialFilter}, with which Java serialization
 * is the codec of what has none. {@code far} is the address of a server, and {@code
 * staleIfDisconnected} how long values are served without it. What is misspelled is refused.
 *
 * <p>With settings {@code carafe.store.…}, all caches share one store: {@code memory}, {@code
 * indexMemory}, {@code persistWithin}, {@code file}, {@code fileBytes} and the file's modes are
 * those of the store. Then {@code memory} of a cache is its reserve, {@code memoryLimit} its
 * ceiling.
 */
final class Settings {
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final String CODECS =
      "bytes, utf8, int64, int32, uuid, java:FILTER, or a Codec's class with a constructor without"
          + " parameters";
  private static final String EXPIRIES =
      "eternal; or created, modified, accessed or touched and a duration, such as PT12H or 12h";
  static final String DEFAULT_FILE = "carafe-jcache.properties";

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
    SettingNames.check(all);
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

  /** The caches that the file configures. */
  Set<String> names() {
    return all.stringPropertyNames().stream()
        .filter(property -> property.startsWith(SettingNames.PREFIX))
        .map(
            property -> property.substring(SettingNames.PREFIX.length(), property.lastIndexOf('.')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The settings of the store of all caches, null if there is none. */
  @Nullable SettingScope store() {
    return SettingNames.haveStore(all) ? SettingScope.ofStore(all) : null;
  }

  /** All that is said of a cache. */
  CarafeConfiguration<Object, Object> configuration(String name) {
    SettingScope cache = SettingScope.ofCache(all, name);
    CarafeConfiguration<Object, Object> configuration = new CarafeConfiguration<>();
    configuration.setTypes(type(cache, "keyType"), type(cache, "valueType"));
    configuration.setStatisticsEnabled(cache.is("statistics"));
    configuration.setManagementEnabled(cache.is("management"));
    configuration.setReadThrough(cache.is("readThrough"));
    configuration.setWriteThrough(cache.is("writeThrough"));
    String loaderName = cache.get("loader");
    if (loaderName != null) {
      configuration.setCacheLoaderFactory(FactoryBuilder.factoryOf(loaderName));
    }
    String writerName = cache.get("writer");
    if (writerName != null) {
      configuration.setCacheWriterFactory(FactoryBuilder.factoryOf(writerName));
    }
    configuration.setExpiryPolicyFactory(expiry(cache));
    applyOwn(name, configuration);
    return configuration;
  }

  /** What JSR-107's own configuration has no words for. */
  <K, V> void applyOwn(String name, CarafeConfiguration<K, V> configuration) {
    SettingScope cache = SettingScope.ofCache(all, name);
    Long memory = cache.parsed("memory", SettingText::bytes);
    if (memory != null) {
      configuration.setMemoryBytes(memory);
    }
    configuration.setMemoryLimitBytes(cache.parsed("memoryLimit", SettingText::bytes));
    Long index = cache.parsed("indexMemory", SettingText::bytes);
    if (index != null) {
      configuration.setIndexMemoryBytes(index);
    }
    configuration.setFile(cache.file());
    configuration.setPersistWithin(cache.parsed("persistWithin", SettingText::duration));
    configuration.setScheduler(cache.parsed("scheduler", SettingText::scheduler));
    configuration.setFar(far(cache));
    String filter = cache.get("serialFilter");
    if (filter != null) {
      configuration.setSerialFilter(ObjectInputFilter.Config.createFilter(filter));
    }
    configuration.setKeyCodec(codec(cache, "keyCodec"));
    configuration.setValueCodec(codec(cache, "valueCodec"));
  }

  /** An empty address is none, in place of that of the defaults. */
  private static @Nullable FarServer far(SettingScope cache) {
    String address = cache.get("far");
    if (address == null || address.isEmpty()) {
      return null;
    }
    FarServer stale =
        cache.parsed(
            "staleIfDisconnected",
            (key, value) -> new FarServer(address, SettingText.duration(key, value)));
    return stale == null ? new FarServer(address, null) : stale;
  }

  @SuppressWarnings("unchecked")
  private Class<Object> type(SettingScope cache, String what) {
    String name = cache.get(what);
    try {
      return (Class<Object>) (name == null ? Object.class : Class.forName(name, true, loader));
    } catch (ClassNotFoundException e) {
      CacheException wrong = cache.wrong(what, String.valueOf(name), "the name of a class");
      wrong.initCause(e);
      throw wrong;
    }
  }

  @SuppressWarnings("unchecked")
  private <T> @Nullable Codec<T> codec(SettingScope cache, String what) {
    String name = cache.get(what);
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

  private Object made(SettingScope cache, String what, String name) {
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
      CacheException wrong = cache.wrong(what, name, CODECS);
      wrong.initCause(e);
      throw wrong;
    }
    throw cache.wrong(what, name, CODECS);
  }

  private Factory<? extends ExpiryPolicy> expiry(SettingScope cache) {
    String words = cache.get("expiry");
    if (words == null || words.equals("eternal")) {
      return EternalExpiryPolicy.factoryOf();
    }
    String[] parts = SPACES.split(words, -1);
    long millis;
    try {
      millis = SettingText.duration("expiry", parts[parts.length - 1]).toMillis();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw cache.wrong("expiry", words, EXPIRIES);
    }
    var duration = new javax.cache.expiry.Duration(TimeUnit.MILLISECONDS, millis);
    return switch (parts.length == 2 ? parts[0] : "") {
      case "created" -> CreatedExpiryPolicy.factoryOf(duration);
      case "modified" -> ModifiedExpiryPolicy.factoryOf(duration);
      case "accessed" -> AccessedExpiryPolicy.factoryOf(duration);
      case "touched" -> TouchedExpiryPolicy.factoryOf(duration);
      default -> throw cache.wrong("expiry", words, EXPIRIES);
    };
  }
}
