package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.docs.site.Javadoc;
import dev.carafe.docs.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of the published packages has no warnings. The build of a release fails if it has.
 * The test writes it into the static site, which so has it without a second run.
 */
class JavadocTest {
  private static final Path ENGINE = Tree.ROOT.resolve("engine/src/main/java");
  private static final Path DIRECTORY = Tree.ROOT.resolve("docs/target/site").resolve(Site.JAVADOC);

  /** Of each published module; of the engine, the package that it exports. */
  @Test
  void hasEachPublishedPackageAndNoWarnings() throws IOException {
    Javadoc.write(Tree.ROOT, DIRECTORY);
    assertTrue(Files.isRegularFile(DIRECTORY.resolve("index.html")));
    Set<String> packages = new TreeSet<>(Set.of("dev/carafe/region"));
    for (Path pom : Tree.files("pom.xml")) {
      if (Tree.read(pom).contains("<release.skip>false</release.skip>")) {
        packages.addAll(packages(pom.resolveSibling("src/main/java")));
      }
    }
    assertTrue(packages.size() > 8, packages::toString);
    for (String name : packages) {
      assertTrue(Files.isRegularFile(DIRECTORY.resolve(name + "/package-summary.html")), name);
    }
  }

  /** The packages below a directory, none for that of the engine. */
  private static List<String> packages(Path sources) throws IOException {
    if (!Files.isDirectory(sources) || sources.equals(ENGINE)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(sources)) {
      return files
          .filter(file -> file.endsWith("package-info.java"))
          .map(file -> sources.relativize(file.resolveSibling("")).toString())
          .toList();
    }
  }
}
