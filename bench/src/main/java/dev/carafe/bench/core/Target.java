package dev.carafe.bench.core;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a contender is to reach in the settings that a pattern matches.
 *
 * @param setting matches the settings, from their beginning
 * @param contender the contender
 * @param measure what is compared
 * @param against the contender that it is compared with; null compares with nothing
 * @param limit the ratio or the figure that is to be reached
 */
record Target(
    Pattern setting, String contender, Measure measure, @Nullable String against, double limit) {

  /** What is compared, and whether the limit is the least or the most that is right. */
  enum Measure {
    /** How many times better than another contender; at least. */
    TIMES_BETTER("times better than", true),
    /** The figure itself; at most. */
    AT_MOST("in the unit of the table", false),
    /** Processor time of an operation, as a multiple of another contender's; at most. */
    CPU("times the processor time of", false),
    /** The longest operation in milliseconds; at most. */
    LONGEST_MILLIS("ms at the longest", false);

    private final String words;
    private final boolean isLeast;

    Measure(String words, boolean isLeast) {
      this.words = words;
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

  /** Returns a line for each setting of the figures that a target applies to; empty if to none. */
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
                measure.words,
                against == null ? "" : " " + against);
    return String.format(
        Locale.ROOT,
        "  %-6s %8.2f  %s: %s, wanted %s%n",
        met ? "met" : "missed",
        reached,
        figure.setting(),
        contender,
        wanted);
  }

  /** What a figure reached; NaN if the target does not apply to it. */
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
