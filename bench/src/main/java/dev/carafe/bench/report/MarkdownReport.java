package dev.carafe.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes the tables of a result file and the rankings in which Carafe is not first. */
final class MarkdownReport {
  private final ResultLines lines;
  private final List<Chart> charts;
  private final String pictures;
  private final StringBuilder out = new StringBuilder();

  private MarkdownReport(ResultLines lines, String pictures) {
    this.lines = lines;
    this.pictures = pictures;
    this.charts = lines.charts();
  }

  /**
   * Writes the tables.
   *
   * @param lines the results
   * @param command the command that writes the report
   * @param pictures the relative path of the directory with the SVG charts; empty without charts
   */
  static String of(ResultLines lines, String command, String pictures) {
    MarkdownReport report = new MarkdownReport(lines, pictures);
    report.out.append(RunConditions.of(lines, command));
    report.wrongValues();
    report.overview();
    report.rankingsNotLed();
    Set<String> suites = new LinkedHashSet<>();
    report.charts.forEach(chart -> suites.add(chart.suite()));
    suites.forEach(report::suite);
    report.failures();
    report.setup();
    return report.out.toString();
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  /** Reports the values that did not belong to their key. */
  private void wrongValues() {
    Map<String, Double> wrong = new LinkedHashMap<>();
    for (Map<String, Object> figures : lines.figures()) {
      double count = ResultLines.number(figures, "wrong");
      if (count > 0) {
        wrong.merge(String.valueOf(figures.get("contender")), count, Double::sum);
      }
    }
    line(
        wrong.isEmpty()
            ? "All values were checked. No value was wrong."
            : "Values that did not belong to their key, by contender: " + wrong + ".");
    line("");
  }

  private void overview() {
    line("## Overview");
    line("");
    line("Means over forks, rounded to two digits.");
    line("");
    line(
        "| contender | entries kept over a restart | flushed entries kept after SIGKILL"
            + " | get/s in memory, 1 thread | operations/s with a file, 2 threads"
            + " | heap bytes per 1 KiB entry |");
    line("|---|--:|--:|--:|--:|--:|");
    for (Overview.Row row : Overview.of(lines)) {
      line(
          "| %s | %s | %s | %s | %s | %s |"
              .formatted(
                  name(row.contender()),
                  Overview.kept(row.restart()),
                  Overview.kept(row.crash()),
                  Numbers.rounded(row.memoryRate()),
                  Numbers.rounded(row.fileRate()),
                  Numbers.rounded(row.heapBytes())));
    }
    line("");
  }

  private static boolean isCarafe(String contender) {
    return contender.startsWith("carafe");
  }

  private void rankingsNotLed() {
    List<String> lost = new ArrayList<>();
    int places = 0;
    for (Chart chart : charts) {
      List<Chart.Point> ranked = chart.isRanking() ? chart.ranked() : List.of();
      Chart.Point ours =
          ranked.stream().filter(each -> isCarafe(each.contender())).findFirst().orElse(null);
      if (ours != null && ranked.size() > 1) {
        places++;
        Chart.Point best = ranked.getFirst();
        if (best.mean() != ours.mean()) {
          double ratio =
              chart.higherIsBetter() ? best.mean() / ours.mean() : ours.mean() / best.mean();
          String how =
              Double.isFinite(ratio)
                  ? (best.values().size() < 2 ? Numbers.rounded(ratio) : Numbers.format(ratio))
                      + " times better"
                  : "better";
          lost.add(
              "- %s, %s: %s (%s) is %s than Carafe (%s)"
                  .formatted(
                      chart.workload(),
                      chart.title(),
                      best.contender(),
                      Numbers.mean(best),
                      how,
                      Numbers.mean(ours)));
        }
      }
    }
    line("## Where Carafe is not first");
    line("");
    line("In " + lost.size() + " of " + places + " rankings another contender is first:");
    line("");
    lost.forEach(this::line);
    line("");
  }

  private void suite(String suite) {
    line("## " + suite);
    line("");
    Map<String, List<Chart>> rankings = new LinkedHashMap<>();
    for (Chart chart : charts) {
      if (chart.suite().equals(suite)) {
        if (chart.isRanking()) {
          rankings.computeIfAbsent(chart.workload(), each -> new ArrayList<>()).add(chart);
        }
      }
    }
    rankings.forEach(this::table);
    for (Chart chart : charts) {
      if (chart.suite().equals(suite) && !chart.isRanking()) {
        curve(chart);
      }
    }
  }

  /** Writes a table with a column for each ranking of a workload. */
  private void table(String workload, List<Chart> columns) {
    Set<String> contenders = new LinkedHashSet<>();
    columns.forEach(chart -> chart.ranked().forEach(point -> contenders.add(point.contender())));
    line("### " + workload);
    line("");
    line(Workloads.describe(workload));
    line("");
    StringBuilder head = new StringBuilder("| contender |");
    StringBuilder rule = new StringBuilder("|---|");
    for (Chart chart : columns) {
      head.append(" %s, %s %s |".formatted(chart.title(), chart.unit(), arrow(chart)));
      rule.append("--:|");
    }
    line(head.toString());
    line(rule.toString());
    for (String contender : contenders) {
      StringBuilder row = new StringBuilder("| " + name(contender) + " |");
      for (Chart chart : columns) {
        row.append(" ").append(cell(chart, contender, "")).append(" |");
      }
      line(row.toString());
    }
    line("");
    columns.forEach(this::picture);
  }

  private void picture(Chart chart) {
    if (!pictures.isEmpty()) {
      line(
          "<details><summary>%s, %s</summary><img alt=\"%s\" src=\"%s/%s.svg\"></details>"
              .formatted(chart.title(), chart.unit(), chart.title(), pictures, chart.id()));
      line("");
    }
  }

  private void curve(Chart chart) {
    line("### " + (chart.workload().equals("all") ? "" : chart.workload() + ": ") + chart.title());
    line("");
    StringBuilder head =
        new StringBuilder("| %s %s, over %s |".formatted(chart.unit(), arrow(chart), chart.over()));
    StringBuilder rule = new StringBuilder("|---|");
    for (String place : chart.xValues()) {
      head.append(" ").append(place).append(" |");
      rule.append("--:|");
    }
    line(head.toString());
    line(rule.toString());
    Set<String> contenders = new LinkedHashSet<>();
    chart.points().forEach(point -> contenders.add(point.contender()));
    for (String contender : contenders) {
      StringBuilder row = new StringBuilder("| " + name(contender) + " |");
      for (String place : chart.xValues()) {
        row.append(" ").append(cell(chart, contender, place)).append(" |");
      }
      line(row.toString());
    }
    line("");
    picture(chart);
  }

  private static String arrow(Chart chart) {
    return chart.higherIsBetter() ? "↑" : "↓";
  }

  private static String name(String contender) {
    return isCarafe(contender) ? "**" + contender + "**" : contender;
  }

  private static String cell(Chart chart, String contender, String x) {
    return chart.points().stream()
        .filter(point -> point.contender().equals(contender) && point.x().equals(x))
        .map(Numbers::format)
        .findFirst()
        .orElse("–");
  }

  private void failures() {
    if (lines.failures().isEmpty()) {
      return;
    }
    line("## Failed");
    line("");
    line("| cell | failure |");
    line("|---|---|");
    for (Map<String, Object> failure : lines.failures()) {
      line(
          "| "
              + failure.get("cell")
              + " | "
              + String.valueOf(failure.get("failure")).replace("|", "\\|")
              + " |");
    }
    line("");
  }

  private void setup() {
    line("## Contenders and their configuration");
    line("");
    line("| contender | version | setup |");
    line("|---|---|---|");
    Map<Object, Object> all = new LinkedHashMap<>();
    lines
        .runs()
        .forEach(run -> {
          if (run.get("contenders") instanceof Map<?, ?> contenders) {
            all.putAll(contenders);
          }
        });
    all.forEach((contender, about) -> {
      if (about instanceof Map<?, ?> map) {
        line("| %s | %s | %s |".formatted(contender, map.get("version"), map.get("setup")));
      }
    });
    if (lines.runs().getLast().get("absent") instanceof Map<?, ?> absent) {
      absent.forEach((name, why) -> line("| %s | not measured | %s |".formatted(name, why)));
    }
  }
}
