package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  void everySourceIsFormatted() {
    List<String> unformatted =
        Tree.files(".java").parallelStream()
            .filter(file -> !isFormatted(file))
            .map(Tree::name)
            .toList();
    assertEquals(
        List.of(),
        unformatted,
        "run: mvn -B test -pl docs -am -Dtest=FormattingTest -Dformat=write"
            + " -Dsurefire.failIfNoSpecifiedTests=false");
  }

  private static boolean isFormatted(Path file) {
    String source = Tree.read(file);
    try {
      String formatted =
          RemoveUnusedImports.removeUnusedImports(
              new Formatter().formatSourceAndFixImports(source));
      if (WRITE && !source.equals(formatted)) {
        Files.writeString(file, formatted);
      }
      return WRITE || source.equals(formatted);
    } catch (FormatterException e) {
      throw new AssertionError(Tree.name(file) + " can't be formatted", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
