package dev.carafe.jcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** An application without carafe-redis, which is an optional dependency. */
final class NoFarSideTest {
  /** The class path of this test without carafe-redis and Lettuce. */
  private static final class WithoutRedis extends URLClassLoader {
    WithoutRedis(URL[] all) {
      super(all, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      if (name.startsWith("dev.carafe.redis.") || name.startsWith("io.lettuce.")) {
        throw new ClassNotFoundException(name);
      }
      return super.findClass(name);
    }
  }

  /** Is loaded by that loader, by its name. */
  public static final class Application {
    /** Called by reflection. */
    public Application() {}

    /** Returns the value of a local cache. */
    public static Object local(Properties settings) {
      try (CarafeCachingProvider provider = new CarafeCachingProvider()) {
        var cache =
            provider
                .getCacheManager(null, Application.class.getClassLoader(), settings)
                .<String, String>getCache("local");
        cache.put("a", "b");
        return cache.get("a");
      }
    }

    /** Opens a cache with a far side. */
    public static void far(Properties settings) {
      try (CarafeCachingProvider provider = new CarafeCachingProvider()) {
        var _ =
            provider
                .getCacheManager(URI.create("far"), Application.class.getClassLoader(), settings)
                .getCache("far");
      }
    }
  }

  @Test
  void theMissingArtifactIsNamedAndOtherCachesWork() throws Exception {
    List<URL> all = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      all.add(new File(entry).toURI().toURL());
    }
    Properties settings = new Properties();
    settings.setProperty("carafe.default.keyCodec", "utf8");
    settings.setProperty("carafe.default.valueCodec", "utf8");
    settings.setProperty("carafe.cache.local.memory", "1m");
    settings.setProperty("carafe.cache.far.far", "redis://localhost:1");
    try (WithoutRedis loader = new WithoutRedis(all.toArray(URL[]::new))) {
      Class<?> application = loader.loadClass(Application.class.getName());
      assertEquals("b", application.getMethod("local", Properties.class).invoke(null, settings));
      var failure =
          assertThrows(
              InvocationTargetException.class,
              () -> application.getMethod("far", Properties.class).invoke(null, settings));
      Throwable cause = Objects.requireNonNull(failure.getCause());
      String text = String.valueOf(cause.getMessage());
      assertInstanceOf(IllegalArgumentException.class, cause, text);
      assertTrue(text.contains("far is set but dev.carafe:carafe-redis is missing"), text);
    }
  }
}
