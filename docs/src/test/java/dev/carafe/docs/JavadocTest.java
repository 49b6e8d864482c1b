package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.docs.site.Javadoc;
import dev.carafe.docs.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The Javadoc of the published packages has no warnings. The build of a release fails if it has.
 * The test writes it into the static site, which so has it without a second run.
 */
class JavadocTest {
  private static final Path DIRECTORY = Tree.ROOT.resolve("docs/target/site").resolve(Site.JAVADOC);

  @Test
  void hasNoWarnings() throws IOException {
    Javadoc.write(Tree.ROOT, DIRECTORY);
    assertTrue(Files.isRegularFile(DIRECTORY.resolve("dev/carafe/Carafe.html")));
    assertTrue(Files.isRegularFile(DIRECTORY.resolve("index.html")));
  }
}
