package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each artifact that the docs name is in the BOM, and each version is that of the build. */
class CoordinatesTest {
  private static final Pattern SHORT =
      Pattern.compile("dev\\.carafe:([a-z-]+)(?![\\w=-])(?::([0-9][\\w.-]*))?");
  private static final Pattern LONG =
      Pattern.compile(
          "<groupId>dev\\.carafe</groupId>\\s*<artifactId>([a-z-]+)</artifactId>"
              + "(?:\\s*<version>([0-9][\\w.-]*)</version>)?");
  private static final Pattern ARTIFACT =
      Pattern.compile("<groupId>dev\\.carafe</groupId><artifactId>([a-z-]+)</artifactId>");

  private static String only(String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(Tree.read(Tree.ROOT.resolve("pom.xml")));
    assertTrue(found.find(), pattern);
    return found.group(1);
  }

  @Test
  void eachCoordinateOfTheDocsExists() {
    String version = only("<revision>(.*?)</revision>") + only("<changelist>(.*?)</changelist>");
    Set<String> artifacts =
        ARTIFACT
            .matcher(Tree.read(Tree.ROOT.resolve("integrations/bom/pom.xml")))
            .results()
            .map(found -> found.group(1))
            .filter(name -> !name.equals("carafe-parent"))
            .collect(Collectors.toCollection(TreeSet::new));
    artifacts.add("carafe-bom");
    List<String> wrong = new ArrayList<>();
    int named = 0;
    for (Path page : Tree.files(".md")) {
      for (Pattern pattern : List.of(SHORT, LONG)) {
        for (MatchResult found : pattern.matcher(Tree.read(page)).results().toList()) {
          named++;
          if (!artifacts.contains(found.group(1))
              || (found.group(2) != null && !found.group(2).equals(version))) {
            wrong.add(Tree.name(page) + ": " + found.group());
          }
        }
      }
    }
    assertEquals(List.of(), wrong, artifacts + " of version " + version);
    assertTrue(named > 5, named + " coordinates");
  }
}
