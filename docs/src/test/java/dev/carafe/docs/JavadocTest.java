package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Javadoc of the published packages has no warnings. The build of a release fails if it has.
 * That build alone checks Infinispan's and Spring Boot's, whose libraries are not all here.
 */
class JavadocTest {
  private static final List<String> PUBLISHED =
      List.of(
          "api/",
          "integrations/codecs/",
          "integrations/jcache/",
          "integrations/micrometer/",
          "integrations/redis/",
          "engine/src/main/java/dev/carafe/region/");

  @TempDir Path directory;

  @Test
  void hasNoWarnings() {
    List<String> arguments =
        new ArrayList<>(
            List.of("-quiet", "-Xdoclint:all", "-Werror", "-d", directory.toString(), "-cp"));
    arguments.add(System.getProperty("java.class.path"));
    for (Path file : Tree.files(".java")) {
      String name = Tree.name(file);
      if (PUBLISHED.stream().anyMatch(name::startsWith)
          && name.contains("/main/")
          && !name.endsWith("module-info.java")) {
        arguments.add(file.toString());
      }
    }
    StringWriter output = new StringWriter();
    int status =
        ToolProvider.findFirst("javadoc")
            .orElseThrow()
            .run(
                new PrintWriter(output), new PrintWriter(output), arguments.toArray(String[]::new));
    assertEquals(0, status, output::toString);
  }
}
