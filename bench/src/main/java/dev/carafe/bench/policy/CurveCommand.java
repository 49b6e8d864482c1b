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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
  @Mixin private TraceInputs inputs = new TraceInputs();

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

  @Option(names = "--samples", defaultValue = "8", description = "samples (${DEFAULT-VALUE})")
  private int samples = 8;

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
    if (!inputs.arePositive()
        || samples < 1
        || !(memoryPercent > 0)
        || percents.stream().anyMatch(percent -> !(percent > 0))) {
      throw new IllegalArgumentException(
          "--sizes, --memory, --samples, --limit and --key-size must be positive");
    }
    inputs.requireAny();
    Page page = record == null ? null : Page.of(record, "curves", "curve");
    StringBuilder all = new StringBuilder("\n");
    print(CurveComparison.heading(percents), all);
    double worst = 0;
    for (Path path : inputs.paths()) {
      Trace trace = inputs.read(path);
      worst = Math.max(worst, compare(TraceInputs.nameOf(path), trace, all));
    }
    for (Adversary adversary : inputs.adversaries()) {
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
