package dev.carafe.docs.site;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/** The Javadoc of the published packages. */
public final class Javadoc {
  private static final List<String> PUBLISHED =
      List.of(
          "api/src/main",
          "integrations/codecs/src/main",
          "integrations/jcache/src/main",
          "integrations/micrometer/src/main",
          "integrations/spring-boot/src/main",
          "integrations/redis/src/main",
          "integrations/infinispan/src/main",
          "integrations/hotrod/src/main",
          "engine/src/main/java/dev/carafe/region");

  private Javadoc() {}

  /**
   * Writes the Javadoc.
   *
   * @param root the directory of the repository
   * @param out where the Javadoc is written
   * @throws IOException if the sources can't be found
   * @throws IllegalStateException if there are warnings, which the message has
   */
  public static void write(Path root, Path out) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-quiet",
                "-notimestamp",
                "-Xdoclint:all",
                "-Werror",
                "-windowtitle",
                "Carafe",
                "-d",
                out.toString(),
                "-cp",
                System.getProperty("java.class.path")));
    for (String sources : PUBLISHED) {
      for (Path file : Site.files(root, Path.of(sources))) {
        if (file.toString().endsWith(".java") && !file.endsWith("module-info.java")) {
          arguments.add(root.resolve(file).toString());
        }
      }
    }
    StringWriter output = new StringWriter();
    PrintWriter printer = new PrintWriter(output);
    int status =
        ToolProvider.findFirst("javadoc")
            .orElseThrow()
            .run(printer, printer, arguments.toArray(String[]::new));
    if (status != 0) {
      throw new IllegalStateException("javadoc ended with " + status + ":\n" + output);
    }
  }
}
