package dev.carafe.docs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What {@code mvn package} made. Tests of it are skipped where only the classes are compiled. */
final class Packaged {
  private static final String SKIPPED = "skipped: needs mvn package, which has not run";

  private Packaged() {}

  /** The jar of a module, newer than the classes it was made of. */
  static Path jar(String module, String artifact) {
    Path target = Tree.ROOT.resolve(module).resolve("target");
    assumeTrue(Files.isDirectory(target), SKIPPED);
    try (Stream<Path> files = Files.list(target)) {
      List<Path> jars =
          files
              .filter(file -> name(file).matches(artifact + "-[0-9.]+(-SNAPSHOT)?\\.jar"))
              .toList();
      assumeTrue(jars.size() == 1, SKIPPED);
      return fresh(jars.getFirst(), target);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** {@code carafe.jar}. */
  static Path operatorJar() {
    Path target = Tree.ROOT.resolve("bench/target");
    Path jar = target.resolve("carafe.jar");
    assumeTrue(Files.isRegularFile(jar), SKIPPED);
    return fresh(jar, target);
  }

  /** The example application, newer than each class of this project in it. */
  static Path shopJar() {
    Path jar = Tree.ROOT.resolve("docs/examples/spring-boot/target/shop.jar");
    assumeTrue(Files.isRegularFile(jar), SKIPPED);
    for (String module :
        List.of("docs/examples/spring-boot", "api", "engine", "integrations/spring-boot")) {
      var _ = fresh(jar, Tree.ROOT.resolve(module).resolve("target"));
    }
    return jar;
  }

  /** Skips the test if the classes were compiled after the jar was made. */
  private static Path fresh(Path jar, Path target) {
    try (Stream<Path> classes = Files.walk(target.resolve("classes"))) {
      var made = Files.getLastModifiedTime(jar);
      boolean older =
          classes.anyMatch(file ->
              name(file).endsWith(".class") && file.toFile().lastModified() > made.toMillis());
      assumeTrue(!older, "skipped: " + jar + " is older than its classes; run mvn package");
      return jar;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String name(Path file) {
    return Objects.requireNonNull(file.getFileName()).toString();
  }
}
