package dev.carafe.bench.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code carafe compare A B}: prints the ratios of two result files with their spread. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description =
        "Compares two result files. Prints the ratio B/A of each metric and the range of the"
            + " ratio.")
public final class CompareCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "A", description = "the first result file")
  private Path before = Path.of("");

  @Parameters(index = "1", paramLabel = "B", description = "the second result file")
  private Path after = Path.of("");

  @Option(names = "--contender", description = "compare only contenders with this name prefix")
  private String prefix = "";

  /** Creates the command. */
  public CompareCommand() {}

  @Override
  public Integer call() throws IOException {
    Map<String, Chart.Point> old = points(ResultLines.read(before));
    System.out.println("| metric | A | B | B/A | lowest…highest | |");
    System.out.println("|---|--:|--:|--:|--:|---|");
    for (Chart chart : ResultLines.read(after).charts()) {
      for (Chart.Point point : chart.points()) {
        Chart.Point earlier = old.get(key(chart, point));
        if (earlier != null && point.contender().startsWith(prefix)) {
          System.out.println(row(chart, earlier, point));
        }
      }
    }
    return 0;
  }

  private static String key(Chart chart, Chart.Point point) {
    return chart.id() + " " + point.x() + " " + point.contender();
  }

  private static Map<String, Chart.Point> points(ResultLines lines) {
    Map<String, Chart.Point> points = new LinkedHashMap<>();
    lines
        .charts()
        .forEach(chart -> chart.points().forEach(point -> points.put(key(chart, point), point)));
    return points;
  }

  private static String row(Chart chart, Chart.Point a, Chart.Point b) {
    double ratio = b.mean() / a.mean();
    double low = b.low() / a.high();
    double high = b.high() / a.low();
    boolean apart = a.values().size() > 1 && b.values().size() > 1 && (low > 1 || high < 1);
    String verdict = !apart ? "" : ratio > 1 == chart.higherIsBetter() ? "better" : "worse";
    return String.format(
        Locale.ROOT,
        "| %s %s%s: %s | %s | %s | %.2f | %.2f…%.2f | %s |",
        chart.workload(),
        chart.title(),
        point(b),
        b.contender(),
        Numbers.format(a.mean()),
        Numbers.format(b.mean()),
        ratio,
        low,
        high,
        verdict);
  }

  private static String point(Chart.Point point) {
    return point.x().isEmpty() ? "" : " at " + point.x();
  }
}
