package dev.carafe.bench.core;

import dev.carafe.bench.versus.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A page of the docs with a place for what a command measured, between two marks.
 *
 * @param file the page
 * @param begin the line before
 * @param end the line after
 */
public record Page(Path file, String begin, String end) {
  /**
   * Finds the place, before anything is measured for it.
   *
   * @param file the page
   * @param name of the place
   * @param command that writes it, such as {@code bench core}
   * @return the place
   * @throws IOException if the page can't be read
   * @throws IllegalArgumentException if the page has no such place
   */
  public static Page of(Path file, String name, String command) throws IOException {
    String begin = "<!-- " + name + ": written by bench/carafe " + command + " -->\n";
    String end = "<!-- end of " + name + " -->\n";
    String text = Files.readString(file);
    if (!text.contains(begin) || !text.contains(end)) {
      throw new IllegalArgumentException(file + " has no marks " + begin.strip() + " … " + end);
    }
    return new Page(file, begin, end);
  }

  /**
   * Puts a text in the place of what was there.
   *
   * @param text whole lines
   * @throws IOException if the page can't be written
   */
  public void write(String text) throws IOException {
    String page = Files.readString(file);
    int from = page.indexOf(begin) + begin.length();
    Files.writeString(file, page.substring(0, from) + text + page.substring(page.indexOf(end)));
  }

  /** When and on what something is measured, with the versions of who takes part. */
  static String setup(List<String> versions) {
    Map<String, Object> machine = Machine.facts(Path.of("."));
    List<String> words = new ArrayList<>();
    words.add(LocalDate.now(ZoneOffset.UTC).toString());
    words.add("on " + machine.get("processors") + " × " + machine.get("processor"));
    words.add(String.valueOf(machine.get("system")));
    words.add("Java " + machine.get("java"));
    words.addAll(versions);
    return String.join(", ", words) + ".";
  }
}
