package dev.carafe.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jetbrains.kotlin.cli.common.ExitCode;
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every Kotlin example of README and docs is compiled and run: all of them by one run of the
 * compiler, each in its own package. A block with a {@code main} is a program; any other is the
 * body of one, with its imports first.
 */
class KotlinExamplesTest {
  @TempDir static Path folder;

  static List<Example> examples() {
    return Example.in("kotlin");
  }

  @BeforeAll
  static void compile() throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-d",
                folder.resolve("classes").toString(),
                "-cp",
                classPath(),
                "-jdk-home",
                System.getProperty("java.home"),
                "-jvm-target",
                "25",
                "-no-stdlib", // it is on the class path
                "-no-reflect",
                "-Werror"));
    List<Example> examples = examples();
    for (Example example : examples) {
      String name = name(example);
      Path source = folder.resolve(name + ".kt");
      Files.writeString(source, "package " + name + "\n" + example.program("fun main()"));
      arguments.add(source.toString());
    }
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ExitCode code =
        new K2JVMCompiler()
            .exec(new PrintStream(said, true, UTF_8), arguments.toArray(String[]::new));
    assertEquals("", said.toString(UTF_8));
    assertEquals(ExitCode.OK, code);
  }

  /** What is not there would be a warning, and so an error. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> new File(entry).exists())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void theExampleRuns(Example example) throws Exception {
    String name = name(example);
    URL[] urls = {folder.resolve("classes").toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(urls, getClass().getClassLoader())) {
      String type = name + "." + name.substring(0, 1).toUpperCase(Locale.ROOT);
      loader.loadClass(type + name.substring(1) + "Kt").getMethod("main").invoke(null);
    }
  }

  /** The page and line as a name: of the package and of the file. */
  private static String name(Example example) {
    return example.place().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
  }
}
