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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The report of a generated result file, as Markdown and in a browser. */
class ReportTest {
  private static final List<String> NAMES = List.of("carafe", "infinispan-offheap", "rocksdb");

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
        if (name.equals("rocksdb")) {
          Map<String, Object> all = Map.of("phase", "reopen", "operations", 10L, "found", 10L);
          Map<String, Object> more = new LinkedHashMap<>(all);
          more.putAll(Map.of("suite", "restart", "workload", "reopen-4k"));
          lines.add(figures(name, round, more, 1e3));
        }
        for (long rate : new long[] {50_000, 200_000}) {
          Map<String, Object> micros =
              Map.of("p50", factor, "p999", 9 * factor, "max", 99 * factor);
          Map<String, Object> more = Map.of("phase", "rate", "rate", rate, "getMicros", micros);
          lines.add(figures(name, round, more, 1e3));
        }
        lines.add(Json.line(Map.of("type", "done", "cell", name + round)));
      }
    }
    for (String name : NAMES) {
      Map<String, Object> more = new LinkedHashMap<>();
      more.putAll(Map.of("suite", "trace", "workload", "meta_cdn"));
      more.putAll(Map.of("phase", "replay", "memoryPercent", 10.0, "hitRatio", 0.4271));
      lines.add(figures(name, 0, more, 1e6));
      lines.add(Json.line(Map.of("type", "done", "cell", name + 0)));
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
  void marksValuesOfOneFork() throws IOException {
    page();
    String text = Files.readString(folder.resolve("made-up.md"));
    assertTrue(
        text.contains("| contender | hit ratio, memory of 10 % of the data, share ↑ |"), text);
    assertTrue(text.contains("| **carafe** | ≈ 0.43 |"), text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.4271 | 0.43",
        "1 | 1",
        "4.42 | 4.4",
        "99.6 | 100",
        "1143 | 1,100",
        "971130 | 970,000",
        "1170000 | 1.2 M",
        "25280000000 | 25 G",
        "NaN | –"
      })
  void roundsToTwoDigits(double value, String text) {
    assertEquals(text, Numbers.rounded(value));
  }

  @Test
  void overviewComesFirst() throws IOException {
    page();
    String text = Files.readString(folder.resolve("made-up.md"));
    assertTrue(text.indexOf("## Overview") < text.indexOf("## memory"), text);
    assertTrue(text.contains("| **carafe** | – | – | 1.1 M | – | – |"), text);
    assertTrue(text.contains("| rocksdb | all | – | 3.0 M | – | – |"), text);
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
      assertEquals("memory,trace", open.evaluate("report.suites.join()"));
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
      Map<String, String> pictures = open.pictures();
      assertEquals(6, pictures.size());
      String svg = pictures.get("trace-meta-cdn-hit-ratio");
      assertTrue(svg != null && svg.startsWith("<svg") && svg.contains("role=\"img\""), "" + svg);
      assertTrue(
          svg.contains(">meta_cdn: hit ratio, memory of 10 % of the data</title>")
              && svg.contains("infinispan-offheap: ≈ 0.43 (one fork)"),
          svg);
    }
  }

  /** Texts of charts that leave their chart or overlap another text. */
  private static final String MISPLACED_TEXTS =
      """
      [...document.querySelectorAll('.chart svg')].flatMap(svg => {
        const box = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
            .map(t => ({text: t.textContent, at: t.getBoundingClientRect()}));
        const cut = texts.filter(({at}) => at.left < box.left - 0.5 || at.right > box.right + 0.5
            || at.top < box.top - 0.5 || at.bottom > box.bottom + 0.5);
        const covered = texts.filter(({at: a}, i) => texts.some(({at: b}, j) => i < j
            && a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 3 && b.top < a.bottom - 3));
        return [...cut, ...covered].map(({text}) => svg.closest('article').id + ': ' + text);
      }).join()
      """;

  @ParameterizedTest
  @CsvSource({"390, false", "390, true", "768, false", "768, true", "1400, false", "1400, true"})
  void textsOfChartsAreCompleteAndApart(int width, boolean dark)
      throws IOException, InterruptedException {
    Path browser = HeadlessBrowser.find().orElse(null);
    assumeTrue(browser != null, "skipped: no Chromium on the PATH to open the report with");
    Path page = page();
    try (HeadlessBrowser open =
        HeadlessBrowser.open(java.util.Objects.requireNonNull(browser), page)) {
      open.resize(width, 900, dark);
      for (String suite : List.of("memory", "trace")) {
        open.evaluate("document.querySelector('[data-suite=" + suite + "]').click()");
        assertEquals("", open.evaluate(MISPLACED_TEXTS));
      }
      assertEquals(true, open.evaluate("document.getElementById('overviewtable').rows.length > 3"));
    }
  }
}
