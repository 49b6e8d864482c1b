package dev.carafe.base;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Figures of a long run. With {@code -Dcarafe.test.record=true} the run writes its own figures into
 * docs/TESTING.md. Only runs write these rows. A row is replaced when its test runs again.
 */
public final class Record {
  private static final boolean ON = Boolean.getBoolean("carafe.test.record");
  private static final String BEGIN = "<!-- figures: written by the long run -->\n";
  private static final String END = "<!-- end of figures -->\n";
  private static final String HEAD = "| what | how many | day |\n|---|---:|---|\n";

  /** The rows of this process; several tests may add to one row. */
  private static final Map<String, Long> COUNTED = new TreeMap<>();

  /** The row of losses, which crash tests add 0 to: a test that finds a loss fails. */
  public static final String LOST = "flushed values lost, older ones come back, wrong bytes";

  private static final int NAMED_SEEDS = 6;
  private static final Map<String, List<String>> SEEDS = new TreeMap<>();

  private Record() {}

  /**
   * Adds to a row.
   *
   * @param what the name of the row
   * @param count the number to add
   */
  public static synchronized void add(String what, long count) {
    long sum = COUNTED.merge(what, count, Long::sum);
    if (ON) {
      write(what, "%,d".formatted(sum));
    }
  }

  /**
   * Records a seed: all seeds are counted, and the first seeds of a test are listed.
   *
   * @param test the test that drew it
   * @param seed the seed
   */
  static synchronized void seed(String test, long seed) {
    add("seeds drawn", 1);
    List<String> named = SEEDS.computeIfAbsent(test, name -> new ArrayList<>());
    if (named.size() < NAMED_SEEDS) {
      named.add(String.valueOf(seed));
      if (ON) {
        write("seeds of " + test + ", the first", String.join(" ", named));
      }
    }
  }

  private static void write(String what, String count) {
    Path page = page();
    try {
      String text = Files.readString(page);
      int from = text.indexOf(BEGIN) + BEGIN.length();
      int to = text.indexOf(END);
      Map<String, String> rows = new TreeMap<>();
      text.substring(from, to)
          .lines()
          .filter(line -> line.startsWith("| ") && !line.startsWith("| what"))
          .forEach(line -> rows.put(line.substring(2, line.indexOf(" |")), line));
      String row = "| %s | %s | %s |".formatted(what, count, LocalDate.now(ZoneOffset.UTC));
      rows.put(what, row);
      String table = HEAD + String.join("\n", rows.values()) + "\n";
      Files.writeString(page, text.substring(0, from) + table + text.substring(to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path page() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path page = at.resolve("docs").resolve("TESTING.md");
      if (Files.exists(page)) {
        return page;
      }
    }
    throw new IllegalStateException("docs/TESTING.md is not above " + Path.of("").toAbsolutePath());
  }
}
