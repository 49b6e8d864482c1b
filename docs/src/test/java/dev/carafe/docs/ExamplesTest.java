package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every Java example of README and docs is compiled and run: all of them by one run of the
 * compiler, each in a file of its own. A block with a {@code main} is a program; any other is the
 * body of one, with its imports first.
 */
class ExamplesTest {
  @TempDir static Path folder;

  static List<Example> examples() {
    return Example.in("java");
  }

  @BeforeAll
  static void compile() throws Exception {
    List<Path> sources = new ArrayList<>();
    for (Example example : examples()) {
      sources.add(Files.writeString(folder.resolve(name(example) + ".java"), program(example)));
    }
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    StringWriter said = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
      List<String> options =
          List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
      var units = files.getJavaFileObjectsFromPaths(sources);
      boolean compiled = compiler.getTask(said, files, null, options, null, units).call();
      assertEquals("", said.toString());
      assertEquals(true, compiled);
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void theExampleRuns(Example example) throws Exception {
    URL[] urls = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(urls, getClass().getClassLoader())) {
      Class<?> type = loader.loadClass(name(example));
      Method main = type.getDeclaredMethod("main");
      main.setAccessible(true);
      var constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      main.invoke(constructor.newInstance());
    }
  }

  private static String program(Example example) {
    return example.code().contains("void main()")
        ? example.code()
        : example.program("void main() throws Exception");
  }

  /** The page and line as the name of a class. */
  private static String name(Example example) {
    return "Example_" + example.place().replaceAll("[^A-Za-z0-9]+", "_");
  }
}
