package dev.carafe.springboot;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.springboot.Library.Book;
import dev.carafe.springboot.Library.Books;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.ClassUtils;

/** An application without the actuator, Micrometer, Jackson and Lettuce starts, and caches. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OptionalLibrariesTest {
  private static final Pattern OPTIONAL =
      Pattern.compile(
          "(micrometer-|spring-boot-(micrometer|actuator|health|jackson)|jackson-|lettuce-).*");

  /** Runs with a class loader that has no optional library. */
  static final class Probe implements Runnable {
    /** For reflection. */
    public Probe() {}

    @Override
    public void run() {
      for (String name :
          List.of(
              "io.micrometer.core.instrument.MeterRegistry",
              "org.springframework.boot.health.contributor.HealthIndicator",
              "tools.jackson.databind.json.JsonMapper",
              "io.lettuce.core.RedisURI")) {
        if (ClassUtils.isPresent(name, Probe.class.getClassLoader())) {
          throw new AssertionError(name + " is there");
        }
      }
      try (var application = Boot.plain(Library.class)) {
        Books books = application.getBean(Books.class);
        Book first = books.book(1);
        if (!first.equals(books.book(1)) || books.calls() != 1) {
          throw new AssertionError("is not cached");
        }
      }
    }
  }

  @Test
  void anApplicationWithoutThemStarts() throws Exception {
    List<URL> path = path();
    assertTrue(path.size() > 10, path::toString);
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(loader);
      var probe = loader.loadClass(Probe.class.getName()).getDeclaredConstructor();
      probe.setAccessible(true);
      ((Runnable) probe.newInstance()).run();
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private static List<URL> path() throws MalformedURLException {
    List<URL> path = new ArrayList<>();
    String all = System.getProperty("java.class.path", "");
    for (String entry : all.split(Pattern.quote(File.pathSeparator), -1)) {
      if (!entry.isEmpty()
          && !OPTIONAL.matcher(String.valueOf(Path.of(entry).getFileName())).matches()) {
        path.add(Path.of(entry).toUri().toURL());
      }
    }
    return path;
  }
}
