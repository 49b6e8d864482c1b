package dev.carafe.bench.policy;

import dev.carafe.bench.Json;
import dev.carafe.bench.Page;
import dev.carafe.bench.Trace;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carafe policy}: simulates policies with several sizes of memory and file. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Simulates eviction policies with traces, without values. Prints hit ratio and bytes"
            + " written for each policy, memory size and file size. Caffeine is the policy of the"
            + " engine's memory tier.")
public final class PolicyCommand implements Callable<Integer> {
  @Parameters(index = "0", arity = "0..*", paramLabel = "TRACE", description = "traces (CSV)")
  private List<Path> traces = List.of();

  @Option(
      names = "--memory",
      split = ",",
      description = "memory sizes in percent of the unique bytes (${DEFAULT-VALUE})",
      defaultValue = "1,5,10,25")
  private List<Double> percents = List.of();

  @Option(
      names = "--adversaries",
      description = "also simulate generated traces: loop, scan, new keys, large values, phases")
  private boolean adversaries;

  @Option(names = "--halves", description = "simulate each half of a trace separately")
  private boolean halves;

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
      description = "write the tables into this page, between its markers")
  private @Nullable Path record;

  @Option(names = "--json", description = "print JSON instead of tables")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Creates the command. */
  public PolicyCommand() {}

  @Override
  public Integer call() throws Exception {
    if (limit < 1 || keyOnlyBytes < 1 || percents.stream().anyMatch(p -> !(p > 0))) {
      throw new IllegalArgumentException("--memory, --limit and --key-size must be positive");
    }
    if (traces.isEmpty() && !adversaries) {
      throw new IllegalArgumentException("give at least one TRACE, or --adversaries");
    }
    Page page = record == null ? null : Page.of(record, "policies", "policy");
    StringBuilder all = new StringBuilder();
    List<PolicyGrid> grids = new ArrayList<>();
    for (Path path : traces) {
      Trace trace = Trace.read(path, new Trace.Reading(limit, 1, key -> keyOnlyBytes));
      List<Trace> parts = halves ? TraceHalves.of(trace) : List.of(trace);
      for (Trace part : parts) {
        String name = nameOf(path) + (halves ? " half " + (1 + parts.indexOf(part)) : "");
        grids.add(PolicyGrid.of(name, part, percents));
        print(grids.getLast().table(), all);
      }
    }
    if (!grids.isEmpty()) {
      print(PolicyGrid.regretTable(grids), all);
    }
    List<PolicyGrid> generated = new ArrayList<>();
    if (adversaries) {
      for (Adversary adversary : Adversary.values()) {
        generated.add(PolicyGrid.of(adversary.label(), adversary.trace(), percents));
        print(generated.getLast().table(), all);
      }
      print(PolicyGrid.regretTable(generated), all);
    }
    if (json) {
      grids.addAll(generated);
      printJson(grids);
    }
    if (page != null) {
      page.write("```text" + all + "```\n");
    }
    return 0;
  }

  private void print(String table, StringBuilder all) {
    all.append(table);
    if (!json) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(table);
      out.flush();
    }
  }

  private void printJson(List<PolicyGrid> grids) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(Json.pretty(Map.of("traces", grids.stream().map(PolicyGrid::asMap).toList())));
    out.flush();
  }

  static String nameOf(Path path) {
    Path name = path.getFileName();
    return String.valueOf(name).replace(".csv.gz", "");
  }
}
