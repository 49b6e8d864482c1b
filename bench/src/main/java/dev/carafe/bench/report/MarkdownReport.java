package dev.carafe.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables of a result file, with a word on where Carafe loses. */
final class MarkdownReport {
  private static final double DISTURBED_CORES = 0.25;

  private final Lines lines;
  private final List<Chart> charts;
  private final String pictures;
  private final StringBuilder out = new StringBuilder();

  private MarkdownReport(Lines lines, String pictures) {
    this.lines = lines;
    this.pictures = pictures;
    this.charts = lines.charts();
  }

  /**
   * Writes the tables.
   *
   * @param lines the results
   * @param command what wrote them
   * @param pictures where the charts' pictures are, as a link; empty where there are none
   */
  static String of(Lines lines, String command, String pictures) {
    MarkdownReport report = new MarkdownReport(lines, pictures);
    report.head(command);
    report.wrongs();
    report.losses();
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

  private Map<?, ?> machine() {
    Object machine = lines.runs().getLast().get("machine");
    return machine instanceof Map<?, ?> map ? map : Map.of();
  }

  private void head(String command) {
    Map<?, ?> machine = machine();
    line("# Benchmarks");
    line("");
    line("Written by `" + command + "`; not edited. Figures are means over forks, with the lowest");
    line("and the highest in brackets where there was more than one. Each contender ran in a JVM");
    line("of its own, in rounds that took turns.");
    line("");
    line("| | |");
    line("|---|---|");
    row("scale", lines.runs().getLast().get("scale"));
    row(
        "begun, and gone on with",
        lines.runs().stream()
            .map(run -> String.valueOf(run.get("at")))
            .collect(Collectors.joining(", ")));
    row("processor", machine.get("processors") + " × " + machine.get("processor"));
    row("memory", Numbers.words(number(machine, "memoryBytes")) + "B");
    row("system", machine.get("system") + ", " + machine.get("fileSystem"));
    row("read-ahead of the disk", machine.get("readAheadKib") + " KiB");
    row("Java", machine.get("java"));
    row("load when it began", lines.runs().stream().map(run -> load(run)).toList());
    row("processors that others kept busy", Numbers.words(othersCores()));
    line("");
    if (othersCores() > DISTURBED_CORES) {
      line("**The machine was not quiet: these figures say little about the contenders.** They");
      line("show what a run looks like; run it again on a machine that does nothing else.");
      line("");
    }
    if (number(machine, "readAheadKib") > 512) {
      line("The disk reads ahead by megabytes: stores that map their file and do not say how they");
      line("read it (Chronicle Map, MapDB) suffer from that more than from anything of their own.");
      line("");
    }
    overhead();
  }

  /** On average, weighted by time. */
  private double othersCores() {
    double weighted = 0;
    double seconds = 0;
    for (Map<String, Object> figures : lines.figures()) {
      double each = Lines.number(figures, "othersCores") * Lines.number(figures, "seconds");
      if (Double.isFinite(each)) {
        weighted += each;
        seconds += Lines.number(figures, "seconds");
      }
    }
    return seconds == 0 ? Double.NaN : weighted / seconds;
  }

  private static String load(Map<String, Object> run) {
    return run.get("machine") instanceof Map<?, ?> machine
        ? String.valueOf(machine.get("load")).split(" ", 2)[0]
        : "?";
  }

  private static double number(Map<?, ?> map, String name) {
    return map.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private void row(String name, @Nullable Object value) {
    line("| " + name + " | " + Objects.toString(value, "?") + " |");
  }

  private void overhead() {
    double[] nanos =
        lines.figures().stream()
            .mapToDouble(each -> Lines.number(each, "overheadNanos"))
            .filter(Double::isFinite)
            .toArray();
    if (nanos.length > 0) {
      line(
          "The benchmark itself costs "
              + Numbers.words(java.util.Arrays.stream(nanos).average().orElse(0))
              + " ns an operation, with a contender that does nothing.");
      line("");
    }
  }

  /** Every value that is read is checked; one that is not its key's is worth a line. */
  private void wrongs() {
    Map<String, Double> wrong = new LinkedHashMap<>();
    for (Map<String, Object> figures : lines.figures()) {
      double count = Lines.number(figures, "wrong");
      if (count > 0) {
        wrong.merge(String.valueOf(figures.get("contender")), count, Double::sum);
      }
    }
    line(
        wrong.isEmpty()
            ? "Every value that was read was checked, and none was wrong."
            : "Values that were not their keys': " + wrong + ".");
    line("");
  }

  private static boolean isCarafe(String contender) {
    return contender.startsWith("carafe");
  }

  private void losses() {
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
          String how = Double.isFinite(ratio) ? Numbers.words(ratio) + " times better" : "better";
          lost.add(
              "- %s, %s: %s (%s) is %s than Carafe (%s)"
                  .formatted(
                      chart.workload(),
                      chart.title(),
                      best.contender(),
                      Numbers.words(best.mean()),
                      how,
                      Numbers.words(ours.mean())));
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

  /** All rankings of a workload in one table, a column each. */
  private void table(String workload, List<Chart> columns) {
    Set<String> contenders = new LinkedHashSet<>();
    columns.forEach(chart -> chart.ranked().forEach(point -> contenders.add(point.contender())));
    line("### " + workload);
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
    for (String place : chart.places()) {
      head.append(" ").append(place).append(" |");
      rule.append("--:|");
    }
    line(head.toString());
    line(rule.toString());
    Set<String> contenders = new LinkedHashSet<>();
    chart.points().forEach(point -> contenders.add(point.contender()));
    for (String contender : contenders) {
      StringBuilder row = new StringBuilder("| " + name(contender) + " |");
      for (String place : chart.places()) {
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
        .map(Numbers::words)
        .findFirst()
        .orElse("–");
  }

  private void failures() {
    if (lines.failures().isEmpty()) {
      return;
    }
    line("## Failed");
    line("");
    line("| cell | what it said |");
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
    line("## Contenders, as they were configured");
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
