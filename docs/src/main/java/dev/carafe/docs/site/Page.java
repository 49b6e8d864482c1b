package dev.carafe.docs.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;

/**
 * A Markdown page.
 *
 * @param source the path in the repository
 * @param document the parsed page
 * @param ids the anchors of the headings, in their order
 */
record Page(Path source, Node document, Map<Heading, String> ids) {
  static final List<Extension> EXTENSIONS = List.of(TablesExtension.create());

  /**
   * Text under a heading.
   *
   * @param heading the text of the heading
   * @param id the anchor; empty for the first heading
   * @param text all up to the next heading
   */
  record Section(String heading, String id, String text) {}

  /**
   * Reads a page.
   *
   * @param root the directory of the repository
   * @param source the path in the repository
   */
  static Page read(Path root, Path source) throws IOException {
    Parser parser = Parser.builder().extensions(EXTENSIONS).build();
    Node document = parser.parse(Files.readString(root.resolve(source)));
    IdGenerator generator = IdGenerator.builder().build();
    Map<Heading, String> ids = new LinkedHashMap<>();
    for (Node node : children(document)) {
      if (node instanceof Heading heading) {
        ids.put(heading, generator.generateId(PlainText.of(heading)));
      }
    }
    return new Page(source, document, ids);
  }

  /** The path in the site: a README is the index of its directory. */
  Path target() {
    String name = String.valueOf(source.getFileName());
    return source.resolveSibling(
        name.equals("README.md") ? "index.html" : name.replaceAll("\\.md$", ".html"));
  }

  String title() {
    return ids.keySet().stream().findFirst().map(PlainText::of).orElse(source.toString());
  }

  List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    Heading first = ids.keySet().stream().findFirst().orElse(null);
    String heading = title();
    String id = "";
    StringBuilder text = new StringBuilder();
    for (Node node : children(document)) {
      if (node instanceof Heading next) {
        if (!text.isEmpty()) {
          sections.add(new Section(heading, id, text.toString().strip()));
        }
        id = next == first ? "" : Objects.requireNonNull(ids.get(next));
        heading = PlainText.of(next);
        text.setLength(0);
      } else {
        text.append(PlainText.of(node)).append('\n');
      }
    }
    sections.add(new Section(heading, id, text.toString().strip()));
    return sections;
  }

  static List<Node> children(Node parent) {
    List<Node> children = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNext()) {
      children.add(node);
    }
    return children;
  }
}
