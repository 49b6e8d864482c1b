package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every source is formatted by google-java-format. The formatter uses the compiler of the running
 * JVM, so it runs in this test, on the JDK of the build, and not in Maven's JVM. {@code
 * -Dformat=write} rewrites unformatted sources.
 */
class FormattingTest {
  private static final boolean WRITE = "write".equals(System.getProperty("format"));

  @Test
  void everySourceIsFormatted() throws IOException, FormatterException {
    var formatter = new Formatter();
    var unformatted = new ArrayList<String>();
    for (Path file : Tree.files(".java")) {
      String source = Tree.read(file);
      String formatted =
          RemoveUnusedImports.removeUnusedImports(formatter.formatSourceAndFixImports(source));
      if (!source.equals(formatted)) {
        if (WRITE) {
          Files.writeString(file, formatted);
        } else {
          unformatted.add(Tree.name(file));
        }
      }
    }
    assertEquals(
        List.of(),
        unformatted,
        "run: mvn -B test -pl docs -am -Dtest=FormattingTest -Dformat=write"
            + " -Dsurefire.failIfNoSpecifiedTests=false");
  }
}
