package dev.carafe.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A project of a user that has README's program, and a repository with the packaged artifacts and
 * their POMs. All other artifacts come from the local repository, which the build of this project
 * has filled: no network is needed.
 *
 * @param folder an empty one
 */
record Consumer(Path folder) {
  /** What README's dependency brings. */
  private static final List<String> JARS =
      List.of(
          "caffeine",
          "carafe-api",
          "carafe-engine",
          "chronicle-bytes",
          "chronicle-core",
          "jspecify",
          "lz4-java",
          "slf4j-api");

  private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  /** A program that has ended. */
  record Run(int status, String output) {
    String succeeded() {
      assertEquals(0, status, output);
      return output;
    }
  }

  static String found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertTrue(matcher.find(), pattern::pattern);
    return matcher.group(1);
  }

  static String page(String name) {
    return Tree.read(Tree.ROOT.resolve(name));
  }

  /** The local repository of Maven; the test is skipped if it is elsewhere. */
  static Path localRepository() {
    Path home = Path.of(System.getProperty("user.home"), ".m2/repository");
    Path local = Path.of(System.getProperty("localRepository", home.toString()));
    assumeTrue(Files.isDirectory(local), "skipped: the local repository is elsewhere");
    return local;
  }

  /** A program of the search path, null if there is none. */
  static @Nullable Path program(String name) {
    return Stream.of(
            Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The repository. */
  Path staged() {
    return folder.resolve("staged");
  }

  /** The folder of the project. */
  Path project() {
    return folder.resolve("shop");
  }

  /** Puts a packaged module into the repository, with its jar if it has one. */
  void stage(String module, String artifact, String version) throws IOException {
    Path pom = Tree.ROOT.resolve(module).resolve("target/.flattened-pom.xml");
    Path home =
        Files.createDirectories(staged().resolve("dev/carafe").resolve(artifact).resolve(version));
    if (!artifact.endsWith("-bom")) {
      Path jar = Packaged.jar(module, artifact);
      assumeTrue(
          jar.endsWith(artifact + "-" + version + ".jar"),
          "skipped: the docs name another version");
      Files.copy(jar, home.resolve(artifact + "-" + version + ".jar"));
    }
    Files.copy(pom, home.resolve(artifact + "-" + version + ".pom"));
  }

  void writeProgram() throws IOException {
    Path sources = Files.createDirectories(project().resolve("src/main/java"));
    Files.writeString(sources.resolve("Shop.java"), found(PROGRAM, page("README.md")));
  }

  /** Runs a command in the project. A variable of the environment with an empty value is unset. */
  Run run(List<String> command, Map<String, String> environment) throws Exception {
    Path said = folder.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(project().toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().putAll(environment);
    builder.environment().values().removeIf(String::isEmpty);
    Process process = builder.start();
    boolean ended = process.waitFor(4, TimeUnit.MINUTES);
    String output = Files.readString(said, UTF_8);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertTrue(ended, output);
    return new Run(process.exitValue(), output);
  }

  static void assertWorked(String output) {
    assertTrue(output.contains("<html>/index.html</html> had 24 bytes"), output);
    assertFalse(output.contains("restricted method"), output);
  }

  /** The class path has the jars that README's dependency brings, and no other. */
  static void assertJars(Stream<String> classPath) {
    assertEquals(
        JARS,
        classPath
            .filter(entry -> entry.endsWith(".jar"))
            .map(entry -> String.valueOf(Path.of(entry).getFileName()).replaceAll("-[0-9].*", ""))
            .sorted()
            .toList());
  }

  /** The words of a line of output after a prefix. */
  static List<String> words(String output, String prefix) {
    String line = output.lines().filter(each -> each.startsWith(prefix)).findFirst().orElse("");
    return Arrays.asList(line.substring(Math.min(line.length(), prefix.length())).split(" "));
  }
}
