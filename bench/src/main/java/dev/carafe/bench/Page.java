package dev.carafe.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A section of a documentation page that a command writes, between two marker lines.
 *
 * @param file the page
 * @param begin the marker line before the section
 * @param end the marker line after the section
 */
public record Page(Path file, String begin, String end) {
  /**
   * Finds a section.
   *
   * @param file the page
   * @param name the name of the section
   * @param command the command that writes the section, such as {@code bench core}
   * @return the section
   * @throws IOException if the page can't be read
   * @throws IllegalArgumentException if the page does not have the markers
   */
  public static Page of(Path file, String name, String command) throws IOException {
    String begin = "<!-- " + name + ": written by bench/carafe " + command + " -->\n";
    String end = "<!-- end of " + name + " -->\n";
    String text = Files.readString(file);
    if (!text.contains(begin) || !text.contains(end)) {
      throw new IllegalArgumentException(
          file + " does not have the marker lines " + begin.strip() + " and " + end.strip());
    }
    return new Page(file, begin, end);
  }

  /**
   * Replaces the text of the section.
   *
   * @param text whole lines
   * @throws IOException if the page can't be written
   */
  public void write(String text) throws IOException {
    String page = Files.readString(file);
    int from = page.indexOf(begin) + begin.length();
    Files.writeString(file, page.substring(0, from) + text + page.substring(page.indexOf(end)));
  }
}
