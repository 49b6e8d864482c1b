package dev.carafe.bench.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The lines of targets: met or missed, for each setting that a target applies to. */
class TargetTest {
  private static final List<Figure> FIGURES =
      List.of(
          figure("reads, depth 1", "ours", 120, Map.of("cpu ns", 30.0, "max ns", 5e6)),
          figure("reads, depth 1", "theirs", 100, Map.of("cpu ns", 10.0)),
          figure("reads, depth 8", "ours", 90, Map.of("cpu ns", 10.0)),
          figure("reads, depth 8", "theirs", 100, Map.of("cpu ns", 10.0)));

  private static Figure figure(
      String setting, String contender, double score, Map<String, Double> extra) {
    return new Figure(setting, contender, score, score, score, "reads/s", false, 0, extra);
  }

  private static void check(Target target, String... lines) {
    assertEquals(
        lines.length == 0 ? "" : "\ntargets\n" + String.join("\n", lines) + "\n",
        Target.table(List.of(target), FIGURES));
  }

  @Test
  void printsALinePerMatchingSetting() {
    check(
        Target.timesBetter("reads", "ours", 1.1, "theirs"),
        "  met        1.20  reads, depth 1: ours, target at least 1.100 times better than theirs",
        "  missed     0.90  reads, depth 8: ours, target at least 1.100 times better than theirs");
    check(
        Target.cpu("reads, depth 1", "ours", 1.5, "theirs"),
        "  missed     3.00  reads, depth 1: ours, target at most 1.500 times the processor time of"
            + " theirs");
    check(
        Target.longestMillis("reads", "ours", 10),
        "  met        5.00  reads, depth 1: ours, target at most 10.00 ms for the longest"
            + " operation");
    check(
        Target.atMost("reads, depth 8", "theirs", 100),
        "  met      100.00  reads, depth 8: theirs, target at most 100.0 in the unit of the table");
  }

  @Test
  void printsNothingWithoutAResult() {
    check(Target.timesBetter("reads", "ours", 1, "others"));
    check(Target.timesBetter("writes", "ours", 1, "theirs"));
  }
}
