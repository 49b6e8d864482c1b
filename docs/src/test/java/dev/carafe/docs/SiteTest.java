package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.docs.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The static site: its links, its search, and that it loads nothing from elsewhere. */
class SiteTest {
  private static final Pattern LINK = Pattern.compile("<[^>]+\\s(?:href|src)=\"([^\"]*)\"");
  private static final Pattern LOADED =
      Pattern.compile("<(?:script|link|img|iframe|source)\\b[^>]*\\s(?:href|src)=\"([^\"]*)\"");
  private static final Pattern ID = Pattern.compile("<[^>]+\\sid=\"([^\"]*)\"");

  @TempDir static Path site;

  private static final Map<Path, String> PAGES = new HashMap<>();

  @BeforeAll
  static void write() throws IOException {
    Site.write(Tree.ROOT, site);
    try (Stream<Path> files = Files.walk(site)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".html")).toList()) {
        PAGES.put(site.relativize(file), Files.readString(file));
      }
    }
  }

  private static List<String> found(Pattern pattern, String html) {
    return pattern.matcher(html).results().map((MatchResult match) -> match.group(1)).toList();
  }

  /** The file of a link; null for a link to another host, or to the Javadoc. */
  private static boolean isInside(String link) {
    return !link.matches("[a-z]+:.*") && !link.contains(Site.JAVADOC + "/index.html");
  }

  private static Path file(Path page, String link) {
    String path = link.replaceAll("#.*", "");
    return path.isEmpty() ? page : page.resolveSibling(path).normalize();
  }

  @Test
  void eachLinkAndEachAnchorResolves() {
    List<String> wrong = new ArrayList<>();
    PAGES.forEach((page, html) -> {
      for (String link : found(LINK, html)) {
        if (isInside(link)) {
          Path file = file(page, link);
          String target = PAGES.get(file);
          int hash = link.indexOf('#');
          boolean isThere =
              hash < 0
                  ? Files.isRegularFile(site.resolve(file))
                  : target != null && found(ID, target).contains(link.substring(hash + 1));
          if (!isThere) {
            wrong.add(page + " links to " + link);
          }
        }
      }
    });
    assertEquals(List.of(), wrong);
    assertTrue(
        PAGES.values().stream().allMatch(html -> html.contains(Site.JAVADOC + "/index.html")));
  }

  @Test
  void noAnchorIsThereTwice() {
    PAGES.forEach((page, html) -> {
      List<String> ids = found(ID, html);
      assertEquals(ids.size(), new HashSet<>(ids).size(), () -> page + " has " + ids);
    });
  }

  @Test
  void eachPageIsReachedFromTheIndex() {
    Set<Path> reached = new TreeSet<>(Set.of(Path.of("index.html")));
    Deque<Path> next = new ArrayDeque<>(reached);
    while (!next.isEmpty()) {
      Path page = next.remove();
      for (String link : found(LINK, Objects.requireNonNull(PAGES.get(page)))) {
        Path file = file(page, link);
        if (isInside(link) && PAGES.containsKey(file) && reached.add(file)) {
          next.add(file);
        }
      }
    }
    assertEquals(new TreeSet<>(PAGES.keySet()), reached);
    for (Path source : Tree.files(".md")) {
      String name = Tree.name(source);
      if (!name.startsWith(".")) {
        assertTrue(PAGES.containsKey(Path.of(html(name))), name);
      }
    }
  }

  private static String html(String source) {
    return source.replaceAll("README\\.md$", "index.html").replaceAll("\\.md$", ".html");
  }

  /** Also a script or a picture that another host has: the site works without a network. */
  @Test
  void nothingIsLoadedFromElsewhere() throws IOException {
    PAGES.forEach((page, html) -> {
      for (String loaded : found(LOADED, html)) {
        assertFalse(loaded.contains("//") || loaded.contains(":"), () -> page + ": " + loaded);
        assertTrue(Files.exists(site.resolve(file(page, loaded))), () -> page + ": " + loaded);
      }
    });
    String style = Files.readString(site.resolve("site.css"));
    assertFalse(style.contains("url(") || style.contains("@import"), style);
    String script = Files.readString(site.resolve("site.js"));
    assertFalse(script.contains("//") && script.contains("http"), script);
    for (String name : found(Pattern.compile("load\\('([^']+)'\\)"), script)) {
      assertTrue(Files.exists(site.resolve(name)), name);
    }
    assertTrue(Files.readString(site.resolve("lunr-LICENSE.txt")).contains("Permission is hereby"));
  }

  @Test
  void theSearchHasEachPage() throws IOException {
    String data = Files.readString(site.resolve("search-data.js"));
    String json = data.replaceAll("(?s)^globalThis\\.SECTIONS = (.*);\n$", "$1");
    Map<String, String> texts = new HashMap<>();
    for (JsonNode section : JsonMapper.builder().build().readTree(json)) {
      String url = section.get("url").asString();
      Path page = Path.of(url.replaceAll("#.*", ""));
      String html = Objects.requireNonNull(PAGES.get(page), url);
      int hash = url.indexOf('#');
      assertTrue(hash < 0 || found(ID, html).contains(url.substring(hash + 1)), url);
      texts.merge(page.toString(), section.get("text").asString(), String::concat);
    }
    Set<String> sources =
        Tree.files(".md").stream()
            .map(source -> html(Tree.name(source)))
            .filter(name -> !name.startsWith("."))
            .collect(Collectors.toSet());
    assertEquals(sources, texts.keySet());
    assertTrue(json.contains("docs/TUNING.html#flags"), "the section after a title without text");
    assertTrue(texts.values().stream().noneMatch(String::isBlank), texts::toString);
    assertTrue(String.valueOf(texts.get("docs/TUNING.html")).contains("--enable-native-access"));
  }
}
