package dev.carafe.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A code block of README or docs.
 *
 * @param place its page and line
 * @param code the text between the fences
 */
record Example(String place, String code) {
  private static final Pattern IMPORTS = Pattern.compile("^(?:import [^\\n]*\\n|\\n)+");

  /** All blocks of a language, in the order of their pages. */
  static List<Example> in(String language) {
    Pattern block =
        Pattern.compile("^```" + language + "\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    List<Example> found = new ArrayList<>();
    for (Path file : Tree.files(".md")) {
      String text = Tree.read(file);
      Matcher blocks = block.matcher(text);
      while (blocks.find()) {
        long line = text.substring(0, blocks.start()).lines().count() + 1;
        found.add(new Example(Tree.name(file) + ":" + line, blocks.group(1)));
      }
    }
    return found;
  }

  /**
   * Returns a program: the block itself if it has a main, else a program with the block as its
   * body.
   *
   * @param main the start of a main method in this language
   */
  String program(String main) {
    if (code.contains(main)) {
      return code;
    }
    Matcher imports = IMPORTS.matcher(code);
    String head = imports.find() ? imports.group() : "";
    return head + main + " {\n" + code.substring(head.length()) + "}\n";
  }

  @Override
  public String toString() {
    return place;
  }
}
