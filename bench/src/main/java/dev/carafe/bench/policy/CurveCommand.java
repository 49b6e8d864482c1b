package dev.carafe.bench.policy;

import dev.carafe.bench.Page;
import dev.carafe.bench.Trace;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carafe curve}: compares miss-ratio curves of samples with replays. */
@Command(
    name = "curve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Compares the hit ratios that a sample of the keys gives, as the engine records it"
            + " (recordMissRatioCurve), with replays of the whole trace through a"
            + " least-recently-used cache of each size.")
public final class CurveCommand implements Callable<Integer> {
  @Parameters(index = "0", arity = "0..*", paramLabel = "TRACE", description = "traces (CSV)")
  private List<Path> traces = List.of();

  @Option(
      names = "--sizes",
      split = ",",
      description = "sizes in percent of the unique bytes (${DEFAULT-VALUE})",
      defaultValue = "1,2,5,10,20,40,70,100")
  private List<Double> percents = List.of();

  @Option(
      names = "--memory",
      defaultValue = "5",
      description =
          "the memory that the engine would have, in percent; sizes up to four times it have a"
              + " sample of their own (${DEFAULT-VALUE})")
  private double memoryPercent = 5;

  @Option(names = "--adversaries", description = "also compare generated traces")
  private boolean adversaries;

  @Option(names = "--samples", defaultValue = "8", description = "samples (${DEFAULT-VALUE})")
  private int samples = 8;

  @Option(names = "--limit", description = "maximum number of requests")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--key-size",
      defaultValue = "4096",
      description = "value size in bytes for traces without sizes (${DEFAULT-VALUE})")
  private int keyOnlyBytes = 4096;

  @Option(
      names = "--record",
      paramLabel = "PAGE",
      description = "write the table into this page, between its markers")
  private @Nullable Path record;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Creates the command. */
  public CurveCommand() {}

  @Override
  public Integer call() throws Exception {
    if (limit < 1
        || keyOnlyBytes < 1
        || samples < 1
        || !(memoryPercent > 0)
        || percents.stream().anyMatch(percent -> !(percent > 0))) {
      throw new IllegalArgumentException(
          "--sizes, --memory, --samples, --limit and --key-size must be positive");
    }
    if (traces.isEmpty() && !adversaries) {
      throw new IllegalArgumentException("give at least one TRACE, or --adversaries");
    }
    Page page = record == null ? null : Page.of(record, "curves", "curve");
    StringBuilder all = new StringBuilder("\n");
    print(CurveComparison.heading(percents), all);
    double worst = 0;
    for (Path path : traces) {
      Trace trace = Trace.read(path, new Trace.Reading(limit, 1, key -> keyOnlyBytes));
      worst = Math.max(worst, compare(PolicyCommand.nameOf(path), trace, all));
    }
    for (Adversary adversary : adversaries ? Adversary.values() : new Adversary[0]) {
      worst = Math.max(worst, compare(adversary.label(), adversary.trace(), all));
    }
    print(String.format(Locale.ROOT, "%nlargest difference: %.2f points%n", worst), all);
    if (page != null) {
      page.write("```text" + all + "```\n");
    }
    return 0;
  }

  private double compare(String name, Trace trace, StringBuilder all) {
    CurveComparison comparison = CurveComparison.of(trace, memoryPercent, percents, samples);
    print(comparison.table(name), all);
    return comparison.worst();
  }

  private void print(String text, StringBuilder all) {
    all.append(text);
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }
}
