package dev.carafe.hotrod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example of the page about Infinispan is compiled, and run with a server of this JVM. */
class PageTest {
  private static final Pattern EXAMPLE =
      Pattern.compile(
          "^```java hotrod\n((?:import .*\n)+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  @Timeout(60)
  void theExampleRuns() throws Exception {
    Matcher example = EXAMPLE.matcher(Files.readString(Path.of("../../docs/INFINISPAN.md")));
    assertTrue(example.find());
    try (Server server = new Server()) {
      String body =
          example
              .group(2)
              .replace("port(11222)", "port(" + server.proxy.port() + ")")
              .replace("\"pages\"", "\"" + Server.CACHE + "\"");
      Path source = folder.resolve("Example.java");
      Files.writeString(
          source,
          example.group(1)
              + "public class Example {\npublic static Object run() throws Exception {\n"
              + body.replace("IO.println(near.stats());", "return near.stats();")
              + "}\n}\n");
      JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
      String classPath = System.getProperty("java.class.path");
      assertEquals(
          0,
          compiler.run(
              null, null, null, "-d", folder.toString(), "-cp", classPath, source.toString()));
      try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
        NearStats stats = (NearStats) loader.loadClass("Example").getMethod("run").invoke(null);
        assertEquals(1, stats.hits());
      }
    }
  }
}
