package dev.carafe.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.tier.EntryWeigher;
import dev.carafe.tier.RecentReads;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes of an entry that the docs state are those that {@code carafe size} computes with. */
class SizingFiguresTest {
  private static String figure(String page, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(Tree.read(Tree.ROOT.resolve(page)));
    assertTrue(found.find(), () -> page + " has no " + pattern);
    return found.group(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "docs/SIZING.md; entries in memory \\| heap \\| about (\\d+) B each",
        "docs/TUNING.md; in memory needs about (\\d+) B",
        "README.md; Caffeine, about (\\d+) B an entry",
        "api/src/main/java/dev/carafe/Carafe.java; about (\\d+) bytes of heap"
      })
  void theHeapOfAnEntryIsTheSame(String page, String pattern) {
    assertEquals(EntryWeigher.HEAP_BYTES, Integer.parseInt(figure(page, pattern)));
  }

  @Test
  void theHeapOfAnEntryIsAsMeasured() {
    String measured = figure("docs/CORE.md", "carafe +([\\d.]+) +[\\d.]+ – [\\d.]+ B");
    assertEquals(EntryWeigher.HEAP_BYTES, Double.parseDouble(measured), 5);
  }

  @Test
  void theTableOfRecentReadsIsTheSame() {
    String stated = figure("docs/SIZING.md", "table of recent reads \\| native \\| (\\d+) B");
    assertEquals(RecentReads.ENTRY_BYTES, Integer.parseInt(stated));
  }
}
