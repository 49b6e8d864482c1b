package dev.carafe.bench.policy;

import dev.carafe.bench.Json;
import dev.carafe.bench.Page;
import dev.carafe.bench.Trace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
  @Mixin private TraceInputs inputs = new TraceInputs();

  @Option(
      names = "--memory",
      split = ",",
      description = "memory sizes in percent of the unique bytes (${DEFAULT-VALUE})",
      defaultValue = "1,5,10,25")
  private List<Double> percents = List.of();

  @Option(
      names = "--admission",
      description =
          "simulate choices of what is written to the file instead, with the engine's memory"
              + " policy")
  private boolean admission;

  @Option(names = "--halves", description = "simulate each half of a trace separately")
  private boolean halves;

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
    if (!inputs.arePositive() || percents.stream().anyMatch(p -> !(p > 0))) {
      throw new IllegalArgumentException("--memory, --limit and --key-size must be positive");
    }
    inputs.requireAny();
    Page page = record == null ? null : page(record);
    String tables =
        admission
            ? simulate(AdmissionGrid::of, AdmissionGrid::summary)
            : simulate(PolicyGrid::of, PolicyGrid::regretTable);
    if (page != null) {
      page.write("```text" + tables + "```\n");
    }
    return 0;
  }

  private Page page(Path path) throws IOException {
    return admission
        ? Page.of(path, "admission", "policy --admission")
        : Page.of(path, "policies", "policy");
  }

  /** Simulates one trace. */
  private interface Simulation<G extends SimulationGrid> {
    G of(String name, Trace trace, List<Double> percents);
  }

  /** Simulates all traces and prints the results. Returns the tables. */
  private <G extends SimulationGrid> String simulate(
      Simulation<G> simulation, Function<List<G>, String> summary) throws IOException {
    StringBuilder all = new StringBuilder();
    List<G> grids = new ArrayList<>();
    for (Path path : inputs.paths()) {
      Trace trace = inputs.read(path);
      List<Trace> parts = halves ? TraceHalves.of(trace) : List.of(trace);
      for (Trace part : parts) {
        String name =
            TraceInputs.nameOf(path) + (halves ? " half " + (1 + parts.indexOf(part)) : "");
        grids.add(simulation.of(name, part, percents));
        print(grids.getLast().table(), all);
      }
    }
    if (!grids.isEmpty()) {
      print(summary.apply(grids), all);
    }
    List<G> generated = new ArrayList<>();
    for (Adversary adversary : inputs.adversaries()) {
      generated.add(simulation.of(adversary.label(), adversary.trace(), percents));
      print(generated.getLast().table(), all);
    }
    if (!generated.isEmpty()) {
      print(summary.apply(generated), all);
    }
    if (json) {
      grids.addAll(generated);
      printJson(grids);
    }
    return all.toString();
  }

  private void print(String table, StringBuilder all) {
    all.append(table);
    if (!json) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(table);
      out.flush();
    }
  }

  private void printJson(List<? extends SimulationGrid> grids) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(Json.pretty(Map.of("traces", grids.stream().map(SimulationGrid::asMap).toList())));
    out.flush();
  }
}
