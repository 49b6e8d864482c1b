package dev.carafe.docs.site;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.html.HtmlRenderer;

/** Renders pages. Their links lead to pages of the site, and to files that are copied into it. */
final class Links {
  private static final Pattern SOURCE = Pattern.compile("\\bsrc=\"([^\"]+)\"");

  private final Path root;
  private final Map<Path, Page> pages;
  private final Set<Path> files = new TreeSet<>();
  private final Set<Path> directories = new TreeSet<>();

  /**
   * Creates links between pages.
   *
   * @param root the directory of the repository
   * @param pages by their paths in the repository
   */
  Links(Path root, Map<Path, Page> pages) {
    this.root = root;
    this.pages = pages;
  }

  /** Other files of the repository that the rendered pages link to. */
  Set<Path> files() {
    return files;
  }

  /** Directories without a README that the rendered pages link to. */
  Set<Path> directories() {
    return directories;
  }

  /**
   * Returns the HTML of a page.
   *
   * @throws IllegalArgumentException if the page links to a file that does not exist
   */
  String render(Page page) {
    findInHtml(page);
    return renderer(page, page.target(), page.ids()).render(page.document());
  }

  /**
   * Returns the HTML of a page in another one, so without anchors.
   *
   * @param page what is rendered
   * @param in the file of the site that has the HTML
   */
  String renderInside(Page page, Path in) {
    return renderer(page, in, Map.of()).render(page.document());
  }

  private HtmlRenderer renderer(Page page, Path from, Map<Heading, String> ids) {
    return HtmlRenderer.builder()
        .extensions(Page.EXTENSIONS)
        .attributeProviderFactory(context ->
            (node, tag, attributes) -> {
              String id = node instanceof Heading heading ? ids.get(heading) : null;
              if (id != null) {
                attributes.put("id", id);
              }
              rewrite(page, from, node, attributes);
            })
        .build();
  }

  /** Finds the pictures that a page shows by HTML, whose paths stay as they are. */
  private void findInHtml(Page page) {
    page.document()
        .accept(
            new AbstractVisitor() {
              @Override
              public void visit(HtmlBlock html) {
                SOURCE
                    .matcher(html.getLiteral())
                    .results()
                    .forEach(found -> relative(page, page.target(), found.group(1)));
              }
            });
  }

  private void rewrite(Page page, Path from, Node node, Map<String, String> attributes) {
    if (node instanceof Link link) {
      attributes.put("href", relative(page, from, link.getDestination()));
    } else if (node instanceof Image image) {
      attributes.put("src", relative(page, from, image.getDestination()));
    }
  }

  private String relative(Page page, Path from, String destination) {
    if (destination.matches("[a-z]+:.*")) {
      return destination;
    }
    int hash = destination.indexOf('#');
    String path = hash < 0 ? destination : destination.substring(0, hash);
    String anchor = hash < 0 ? "" : destination.substring(hash);
    Path source = path.isEmpty() ? page.source() : page.source().resolveSibling(path).normalize();
    return between(from, target(page, source)) + anchor;
  }

  private Path target(Page page, Path source) {
    Page linked = pages.getOrDefault(source, pages.get(source.resolve("README.md")));
    if (linked != null) {
      return linked.target();
    }
    if (Files.isDirectory(root.resolve(source))) {
      directories.add(source);
      return source.resolve("index.html");
    }
    if (!Files.isRegularFile(root.resolve(source))) {
      throw new IllegalArgumentException(
          page.source() + " links to " + source + ", which does not exist");
    }
    files.add(source);
    return source;
  }

  /** The relative URL from one file of the site to another. */
  static String between(Path from, Path to) {
    Path directory = from.getParent();
    Path way = directory == null ? to : directory.relativize(to);
    return way.toString().replace('\\', '/');
  }
}
