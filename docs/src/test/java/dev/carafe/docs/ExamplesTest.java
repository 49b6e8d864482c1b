package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every Java example of README and docs is compiled and run. A block with a {@code main} is a
 * program; any other is the body of one, with its imports first.
 */
class ExamplesTest {
  @TempDir Path folder;

  static List<Example> examples() {
    return Example.in("java");
  }

  @Test
  void thereAreExamples() {
    assertFalse(examples().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void theExampleCompilesAndRuns(Example example) throws Exception {
    compile(program(example));
    URL[] urls = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(urls, getClass().getClassLoader())) {
      Class<?> type = loader.loadClass("Example");
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

  private void compile(String code) throws Exception {
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    SimpleJavaFileObject source =
        new SimpleJavaFileObject(
            URI.create("string:///Example.java"), SimpleJavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    StringWriter said = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
      List<String> options =
          List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
      boolean compiled = compiler.getTask(said, files, null, options, null, List.of(source)).call();
      assertEquals("", said.toString());
      assertEquals(true, compiled && Files.exists(folder.resolve("Example.class")));
    }
  }
}
