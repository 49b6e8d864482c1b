package dev.carafe.docs.site;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.node.Heading;
import org.commonmark.renderer.html.HtmlRenderer;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the static site: each Markdown page of the repository's root and of {@code docs} as HTML,
 * the files that they link to, and the data of the search. The site loads nothing from elsewhere,
 * and works without a server.
 */
public final class Site {
  private static final String LUNR = "/META-INF/resources/webjars/lunr/2.3.9/";

  /** Where the pages expect the Javadoc, from the root of the site. */
  public static final String JAVADOC = "javadoc";

  private final Path root;
  private final Path out;
  private final Map<Path, Page> pages;
  private final Links links;
  private final String template;

  /**
   * What the search finds.
   *
   * @param url of a section, from the root of the site
   * @param title its heading
   * @param page the title of its page
   * @param text its text
   */
  private record Found(String url, String title, String page, String text) {}

  private Site(Path root, Path out) throws IOException {
    this.root = root;
    this.out = out;
    this.pages = pages(root);
    this.links = new Links(root, pages);
    this.template = resource("page.html");
  }

  /**
   * Writes the site.
   *
   * @param arguments the directory of the repository, the one that the site is written into, and
   *     whether the Javadoc is written, too
   * @throws IOException if a file can't be read or written
   * @throws IllegalArgumentException if there are other arguments, or a page links to a file that
   *     does not exist
   * @throws IllegalStateException if the Javadoc has warnings
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 3) {
      throw new IllegalArgumentException(
          arguments.length + " arguments, not three: the repository, the site, true or false");
    }
    Path root = Path.of(arguments[0]);
    Path out = Path.of(arguments[1]);
    write(root, out);
    if (Boolean.parseBoolean(arguments[2])) {
      Javadoc.write(root, out.resolve(JAVADOC));
    }
  }

  /**
   * Writes the site.
   *
   * @param root the directory of the repository
   * @param out where the site is written; files that are there are overwritten
   * @throws IOException if a file can't be read or written
   * @throws IllegalArgumentException if a page links to a file that does not exist
   */
  public static void write(Path root, Path out) throws IOException {
    Site site = new Site(root, out);
    site.writePages();
    site.writeDirectories();
    for (Path file : site.links.files()) {
      Path copy = site.created(file);
      Files.copy(root.resolve(file), copy, StandardCopyOption.REPLACE_EXISTING);
    }
    site.writeSearch();
    for (String name : List.of("site.css", "site.js")) {
      Files.writeString(site.created(Path.of(name)), resource(name));
    }
  }

  /** All Markdown pages of the repository, by their paths. */
  private static Map<Path, Page> pages(Path root) throws IOException {
    Map<Path, Page> pages = new TreeMap<>();
    for (Path source : files(root, Path.of(""))) {
      if (source.toString().endsWith(".md")) {
        pages.put(source, Page.read(root, source));
      }
    }
    return pages;
  }

  /** The files below a directory, without build output and hidden ones. */
  static List<Path> files(Path root, Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(root.resolve(directory))) {
      for (Path entry : entries.sorted().toList()) {
        String name = String.valueOf(entry.getFileName());
        if (Files.isRegularFile(entry)) {
          files.add(root.relativize(entry));
        } else if (!name.equals("target") && !name.startsWith(".")) {
          files.addAll(files(root, root.relativize(entry)));
        }
      }
    }
    return files;
  }

  private void writePages() throws IOException {
    for (Page page : pages.values()) {
      write(page.target(), page.title(), contents(page) + links.render(page));
    }
  }

  /** A list of the sections, for pages with many. */
  private static String contents(Page page) {
    List<Map.Entry<Heading, String>> sections =
        page.ids().entrySet().stream().filter(entry -> entry.getKey().getLevel() == 2).toList();
    if (sections.size() < 4) {
      return "";
    }
    HtmlRenderer inline = HtmlRenderer.builder().build();
    return sections.stream()
        .map(entry -> {
          String heading = inline.render(entry.getKey()).replaceAll("</?(h2|a)\\b[^>]*>", "");
          return "<li><a href=\"#%s\">%s</a></li>".formatted(entry.getValue(), heading.strip());
        })
        .collect(
            Collectors.joining(
                "",
                "<details class=\"contents\"><summary>On this page</summary><ul>",
                "</ul></details>\n"));
  }

  /** An index of each linked directory: its pages, or else its files. */
  private void writeDirectories() throws IOException {
    for (Path directory : List.copyOf(links.directories())) {
      Path index = directory.resolve("index.html");
      List<String> items = new ArrayList<>();
      for (Page page : pages.values()) {
        if (page.source().startsWith(directory)) {
          items.add(item(Links.between(index, page.target()), page.title()));
        }
      }
      if (items.isEmpty()) {
        for (Path file : files(root, directory)) {
          links.files().add(file);
          items.add(item(Links.between(index, file), directory.relativize(file).toString()));
        }
      }
      String title = String.valueOf(directory.getFileName());
      write(index, title, "<h1>%s</h1><ul>%s</ul>".formatted(title, String.join("\n", items)));
    }
  }

  private static String item(String url, String text) {
    return "<li><a href=\"%s\">%s</a></li>".formatted(url, escaped(text));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private void write(Path target, String title, String body) throws IOException {
    Page questions = Objects.requireNonNull(pages.get(Path.of("docs/README.md")), "docs/README.md");
    String html =
        template
            .replace("{root}", Links.between(target, Path.of("x")).replaceAll("x$", ""))
            .replace("{title}", escaped(title))
            .replace("{questions}", links.renderInside(questions, target))
            .replace("{body}", body);
    Files.writeString(created(target), html);
  }

  private void writeSearch() throws IOException {
    List<Found> all = new ArrayList<>();
    for (Page page : pages.values()) {
      String url = page.target().toString().replace('\\', '/');
      for (Page.Section section : page.sections()) {
        String anchor = section.id().isEmpty() ? "" : "#" + section.id();
        all.add(new Found(url + anchor, section.heading(), page.title(), section.text()));
      }
    }
    String json = JsonMapper.builder().build().writeValueAsString(all);
    Files.writeString(created(Path.of("search-data.js")), "globalThis.SECTIONS = " + json + ";\n");
    Files.writeString(created(Path.of("lunr.js")), resource(LUNR + "lunr.min.js"));
    Files.writeString(created(Path.of("lunr-LICENSE.txt")), resource(LUNR + "LICENSE"));
  }

  private Path created(Path target) throws IOException {
    Path file = out.resolve(target);
    var _ = Files.createDirectories(Objects.requireNonNull(file.getParent()));
    return file;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Site.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
    }
  }
}
