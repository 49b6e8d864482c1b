package dev.carafe.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.carafe.bench.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The report of a generated result file, as Markdown and in a browser. */
class ReportTest {
  private static final List<String> NAMES = List.of("carafe", "caffeine", "rocksdb");

  @TempDir private Path folder = Path.of("");

  private Path results() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        Json.line(
            Map.of(
                "type",
                "run",
                "scale",
                "quick",
                "at",
                "2026-01-01T00:00:00Z",
                "machine",
                Map.of("processors", 2L, "processor", "a </script> processor"),
                "contenders",
                Map.of("carafe", Map.of("version", "1", "setup", "default")))));
    for (long round = 0; round < 2; round++) {
      for (String name : NAMES) {
        double factor = 1 + NAMES.indexOf(name) + round / 10.0;
        lines.add(figures(name, round, Map.of("phase", "get", "threads", 1L), factor * 1e6));
        for (long rate : new long[] {50_000, 200_000}) {
          Map<String, Object> micros =
              Map.of("p50", factor, "p999", 9 * factor, "max", 99 * factor);
          Map<String, Object> more = Map.of("phase", "rate", "rate", rate, "getMicros", micros);
          lines.add(figures(name, round, more, 1e3));
        }
        lines.add(Json.line(Map.of("type", "done", "cell", name + round)));
      }
    }
    lines.add(
        Json.line(Map.of("type", "failed", "cell", "x", "failure", "java.lang.Error: a | b")));
    lines.add(Json.line(Map.of("type", "done", "cell", "x")));
    Path file = folder.resolve("made-up.jsonl");
    Files.write(file, lines);
    return file;
  }

  private static String figures(
      String name, long round, Map<String, Object> more, double operations) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("type", "figures");
    line.put("cell", name + round);
    line.put("suite", "memory");
    line.put("workload", "hits-1k");
    line.put("contender", name);
    line.put("opsPerSecond", operations);
    line.putAll(more);
    return Json.line(line);
  }

  private Path page() throws IOException {
    Path results = results();
    assertEquals(0, new CommandLine(new ReportCommand()).execute(results.toString()));
    return folder.resolve("made-up.html");
  }

  @Test
  void tablesHaveMeansSpreadsRankingsAndFailures() throws IOException {
    page();
    String text = Files.readString(folder.resolve("made-up.md"));
    assertTrue(text.contains("| **carafe** | 1.05 M (1.00 M…1.10 M) |"), text);
    assertTrue(text.contains("rocksdb (3.05 M) is 2.90 times better than Carafe (1.05 M)"), text);
    assertTrue(text.contains("| x | java.lang.Error: a \\| b |"), text);
  }

  @Test
  void comparesAFileWithItself() throws IOException {
    String results = results().toString();
    assertEquals(0, new CommandLine(new CompareCommand()).execute(results, results));
  }

  @Test
  void browserDrawsChartsAndFiltersThem() throws IOException, InterruptedException {
    Path browser = HeadlessBrowser.find().orElse(null);
    assumeTrue(browser != null, "skipped: no Chromium on the PATH to open the report with");
    Path page = page();
    try (HeadlessBrowser open =
        HeadlessBrowser.open(java.util.Objects.requireNonNull(browser), page)) {
      assertEquals("memory", open.evaluate("report.suites.join()"));
      assertEquals(4L, open.evaluate("report.drawn().length"));
      assertEquals(true, open.evaluate("report.drawn().every(c => c.marks > 3)"));
      assertEquals(true, open.evaluate("report.drawn().every(c => c.contenders === 3)"));
      open.evaluate("document.querySelector('[data-contender=rocksdb]').click()");
      assertEquals(true, open.evaluate("report.drawn().every(c => c.contenders === 2)"));
      assertEquals(
          "false",
          open.evaluate(
              "document.querySelector('[data-contender=rocksdb]').getAttribute('aria-pressed')"));
      open.evaluate(
          "(() => { const box = document.getElementById('workload'); box.value = 'copied';"
              + " box.dispatchEvent(new Event('input')); })()");
      assertEquals("1", open.evaluate("document.documentElement.dataset.drawn"));
      assertEquals(
          0L,
          open.evaluate("performance.getEntriesByType('resource').length"),
          "the page loads a resource");
    }
  }

  @Test
  void fitsAPhoneScreenInDarkMode() throws IOException, InterruptedException {
    Path browser = HeadlessBrowser.find().orElse(null);
    assumeTrue(browser != null, "skipped: no Chromium on the PATH to open the report with");
    Path page = page();
    try (HeadlessBrowser open =
        HeadlessBrowser.open(java.util.Objects.requireNonNull(browser), page)) {
      open.resize(390, 844, true);
      assertEquals(
          true, open.evaluate("document.documentElement.scrollWidth <= window.innerWidth"));
      assertEquals(
          "rgb(20, 23, 26)", open.evaluate("getComputedStyle(document.body).backgroundColor"));
      assertTrue(open.screenshot().length > 5000, "the screenshot is empty");
      assertTrue(
          open.pictures().values().stream().allMatch(svg -> svg.startsWith("<svg")), "no SVG");
    }
  }
}
