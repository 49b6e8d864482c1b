package dev.carafe.bench.report;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Describes the machine of a result file, its load, and the cost of the benchmark itself. */
final class RunConditions {
  private static final double DISTURBED_CORES = 0.25;

  private final ResultLines lines;
  private final StringBuilder out = new StringBuilder();

  private RunConditions(ResultLines lines) {
    this.lines = lines;
  }

  /**
   * Writes the title and the conditions.
   *
   * @param lines the results
   * @param command the command that writes the report
   */
  static String of(ResultLines lines, String command) {
    return new RunConditions(lines).describe(command);
  }

  private String describe(String command) {
    Map<?, ?> machine = machine();
    line("# Benchmarks");
    line("");
    line("Written by `" + command + "`. Values are means over forks, with the lowest and the");
    line("highest in brackets if there was more than one fork. Each contender ran in its own JVM.");
    line("Rounds were interleaved. The mark ≈ is for a value of one fork, which has no spread.");
    line("");
    line("| | |");
    line("|---|---|");
    row("scale", lines.runs().getLast().get("scale"));
    row(
        "started and continued at",
        lines.runs().stream()
            .map(run -> String.valueOf(run.get("at")))
            .collect(Collectors.joining(", ")));
    row("processor", machine.get("processors") + " × " + machine.get("processor"));
    row("memory", Numbers.format(number(machine, "memoryBytes")) + "B");
    row("system", machine.get("system") + ", " + machine.get("fileSystem"));
    row("read-ahead of the disk", machine.get("readAheadKib") + " KiB");
    row("Java", machine.get("java"));
    row("load at the start", lines.runs().stream().map(run -> load(run)).toList());
    row("processors used by other processes", Numbers.format(othersCores()));
    line("");
    if (othersCores() > DISTURBED_CORES) {
      line(
          "**Other processes used the machine, so these results do not compare the contenders.**"
              + "");
      line("Repeat the run on an idle machine.");
      line("");
    }
    if (number(machine, "readAheadKib") > 512) {
      line("A large read-ahead slows stores that map their file without madvise(MADV_RANDOM),");
      line("such as Chronicle Map and MapDB.");
      line("");
    }
    overhead();
    return out.toString();
  }

  /** The mean over all phases, weighted by time. */
  private double othersCores() {
    double weighted = 0;
    double seconds = 0;
    for (Map<String, Object> figures : lines.figures()) {
      double each =
          ResultLines.number(figures, "othersCores") * ResultLines.number(figures, "seconds");
      if (Double.isFinite(each)) {
        weighted += each;
        seconds += ResultLines.number(figures, "seconds");
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
            .mapToDouble(each -> ResultLines.number(each, "overheadNanos"))
            .filter(Double::isFinite)
            .toArray();
    if (nanos.length > 0) {
      line(
          "The overhead of the benchmark is "
              + Numbers.format(Arrays.stream(nanos).average().orElse(0))
              + " ns per operation, measured with an empty contender.");
      line("");
    }
  }

  private Map<?, ?> machine() {
    Object machine = lines.runs().getLast().get("machine");
    return machine instanceof Map<?, ?> map ? map : Map.of();
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
