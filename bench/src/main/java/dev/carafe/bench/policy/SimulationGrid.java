package dev.carafe.bench.policy;

import dev.carafe.bench.policy.PolicyGrid.FileSize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The results with one trace, for several sizes of memory and file. */
interface SimulationGrid {
  /** Formats the results. */
  String table();

  /** The results for JSON. */
  Map<String, Object> asMap();

  /** What a row of the table is for. */
  interface Choice {
    /** The name in tables. */
    String label();
  }

  /**
   * The result of a choice.
   *
   * @param hits hits of both tiers in percent of the reads
   * @param written bytes written to the file, in percent of what the grid compares them with
   */
  record Result(double hits, double written) {}

  /**
   * The results in one setting.
   *
   * @param <C> the choices
   */
  interface Setting<C extends Choice> {
    /** The size of the file. */
    FileSize file();

    /** The memory in percent of the unique bytes. */
    double memoryPercent();

    /** The results by choice. */
    Map<C, Result> results();

    /** The result of a choice. */
    default Result of(C choice) {
      return Objects.requireNonNull(results().get(choice));
    }
  }

  /** Formats hits in percent of the reads and, in brackets, bytes written in percent. */
  static <C extends Choice> String table(
      String heading, List<FileSize> files, List<C> choices, List<? extends Setting<C>> settings) {
    StringBuilder out = new StringBuilder("\n").append(heading).append('\n');
    for (FileSize file : files) {
      List<? extends Setting<C>> row =
          settings.stream().filter(setting -> setting.file() == file).toList();
      out.append(String.format(Locale.ROOT, "  %-28s", file.label()));
      row.forEach(setting ->
          out.append(String.format(Locale.ROOT, "%16s", percent(setting.memoryPercent()))));
      out.append('\n');
      for (C choice : choices) {
        out.append(String.format(Locale.ROOT, "    %-26s", choice.label()));
        row.forEach(setting -> out.append(cell(setting.of(choice), file)));
        out.append('\n');
      }
    }
    return out.toString().replaceAll(" +\n", "\n");
  }

  private static String cell(Result result, FileSize file) {
    String written =
        file == FileSize.NONE ? "" : String.format(Locale.ROOT, " (%.0f)", result.written());
    return String.format(Locale.ROOT, "%9.2f%-7s", result.hits(), written);
  }

  /** Returns hits of both tiers and written bytes, in percent, by choice. */
  static <C extends Choice> Map<String, Object> asMap(
      String heading, String choices, List<? extends Setting<C>> settings) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("trace", heading);
    map.put("settings", settings.stream().map(setting -> asMap(choices, setting)).toList());
    return map;
  }

  private static <C extends Choice> Map<String, Object> asMap(String choices, Setting<C> setting) {
    Map<String, Object> results = new LinkedHashMap<>();
    setting
        .results()
        .forEach((choice, result) ->
            results.put(
                choice.label(),
                Map.of("hitPercent", result.hits(), "writtenPercent", result.written())));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("memoryPercent", setting.memoryPercent());
    map.put("file", setting.file().label());
    map.put(choices, results);
    return map;
  }

  /** Formats a percentage. */
  static String percent(double value) {
    return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f %%" : "%s %%", value);
  }
}
