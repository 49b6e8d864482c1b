package dev.carafe.bench.core;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A performance target of a contender in the settings that match a pattern.
 *
 * @param setting matches the beginning of a setting
 * @param contender the contender
 * @param measure the compared quantity
 * @param against the contender to compare with, null for an absolute limit
 * @param limit the ratio or the value to reach
 */
record Target(
    Pattern setting, String contender, Measure measure, @Nullable String against, double limit) {

  /** The compared quantity, and whether the limit is a minimum or a maximum. */
  enum Measure {
    /** Ratio to another contender; a minimum. */
    TIMES_BETTER("times better than", true),
    /** The value itself; a maximum. */
    AT_MOST("in the unit of the table", false),
    /** Processor time per operation as a multiple of another contender; a maximum. */
    CPU("times the processor time of", false),
    /** The longest operation in ms; a maximum. */
    LONGEST_MILLIS("ms for the longest operation", false);

    private final String label;
    private final boolean isLeast;

    Measure(String label, boolean isLeast) {
      this.label = label;
      this.isLeast = isLeast;
    }
  }

  static Target timesBetter(String setting, String contender, double times, String than) {
    return new Target(Pattern.compile(setting), contender, Measure.TIMES_BETTER, than, times);
  }

  static Target atMost(String setting, String contender, double figure) {
    return new Target(Pattern.compile(setting), contender, Measure.AT_MOST, null, figure);
  }

  static Target cpu(String setting, String contender, double times, String of) {
    return new Target(Pattern.compile(setting), contender, Measure.CPU, of, times);
  }

  static Target longestMillis(String setting, String contender, double millis) {
    return new Target(Pattern.compile(setting), contender, Measure.LONGEST_MILLIS, null, millis);
  }

  /** Returns a line for each result that a target applies to; empty if there is none. */
  static String table(List<Target> targets, List<Figure> figures) {
    StringBuilder out = new StringBuilder();
    for (Figure figure : figures) {
      for (Target target : targets) {
        double reached = target.reached(figure, figures);
        if (!Double.isNaN(reached)) {
          out.append(target.line(figure, reached));
        }
      }
    }
    return out.isEmpty() ? "" : "\ntargets\n" + out;
  }

  private String line(Figure figure, double reached) {
    boolean met = measure.isLeast ? reached >= limit : reached <= limit;
    String wanted =
        "%s %.4g %s%s"
            .formatted(
                measure.isLeast ? "at least" : "at most",
                limit,
                measure.label,
                against == null ? "" : " " + against);
    return String.format(
        Locale.ROOT,
        "  %-6s %8.2f  %s: %s, target %s%n",
        met ? "met" : "missed",
        reached,
        figure.setting(),
        contender,
        wanted);
  }

  /** The value of a result; NaN if the target does not apply to it. */
  private double reached(Figure figure, List<Figure> figures) {
    if (!figure.contender().equals(contender) || !setting.matcher(figure.setting()).lookingAt()) {
      return Double.NaN;
    }
    Optional<Figure> other =
        figures.stream()
            .filter(f -> f.setting().equals(figure.setting()))
            .filter(f -> Objects.equals(f.contender(), against))
            .findFirst();
    return switch (measure) {
      case TIMES_BETTER -> other.map(figure::timesBetterThan).orElse(Double.NaN);
      case AT_MOST -> figure.score();
      case CPU -> other.map(f -> cpuNanos(figure) / cpuNanos(f)).orElse(Double.NaN);
      case LONGEST_MILLIS -> figure.extra().getOrDefault("max ns", Double.NaN) / 1e6;
    };
  }

  private static double cpuNanos(Figure figure) {
    return figure.extra().getOrDefault("cpu ns", Double.NaN);
  }
}
