package dev.carafe.springboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example of the docs: compiled, started with its properties, and warm after a restart. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ExampleApplicationTest {
  private static final Path EXAMPLE =
      Path.of(System.getProperty("basedir", ".")).resolve("../../docs/examples/spring-boot");

  @TempDir Path directory;

  @Test
  void itsBooksAreCachedOverARestart() throws Exception {
    Path classes = compiled();
    URL[] path = {classes.toUri().toURL(), EXAMPLE.resolve("src/main/resources/").toUri().toURL()};
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(path, getClass().getClassLoader())) {
      Thread.currentThread().setContextClassLoader(loader);
      Class<?> shop = loader.loadClass("shop.Shop");
      String file = "carafe.file=" + directory.resolve("shop.carafe");
      String book;
      try (var application = Boot.web(shop, file)) {
        book = Boot.get(application, "/books/1");
        assertTrue(book.startsWith("{\"id\":1,\"title\":\"Book 1\",\"lookedUp\":\""), book);
        assertEquals(book, Boot.get(application, "/books/1"));
      }
      try (var application = Boot.web(shop, file)) {
        assertEquals(book, Boot.get(application, "/books/1"));
        String gets = Boot.get(application, "/actuator/metrics/cache.gets?tag=result:hit");
        assertTrue(gets.contains("\"value\":1.0"), gets);
      }
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private Path compiled() throws Exception {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-parameters"));
    arguments.addAll(List.of("-cp", System.getProperty("java.class.path", ""), "-proc:none"));
    try (Stream<Path> sources = Files.walk(EXAMPLE.resolve("src/main/java"))) {
      sources.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
    }
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertEquals(0, status);
    return classes;
  }
}
