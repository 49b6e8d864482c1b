package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import dev.carafe.bench.core.Page;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carafe policy}: what each policy would hit, for several sizes of memory and file. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Simulates traces without their values: hit ratios and bytes written for each policy, size"
            + " of memory and size of file. Caffeine is the policy of the engine's memory tier.")
public final class PolicyCommand implements Callable<Integer> {
  @Parameters(index = "0", arity = "1..*", paramLabel = "TRACE", description = "traces (CSV)")
  private List<Path> traces = List.of();

  @Option(
      names = "--memory",
      split = ",",
      description = "memory, in percent of the unique bytes (${DEFAULT-VALUE})",
      defaultValue = "1,5,10,25")
  private List<Double> percents = List.of();

  @Option(names = "--limit", description = "only so many requests")
  private int limit = Integer.MAX_VALUE;

  @Option(
      names = "--key-size",
      defaultValue = "4096",
      description = "value bytes in traces without sizes (${DEFAULT-VALUE})")
  private int keyOnlyBytes = 4096;

  @Option(
      names = "--record",
      paramLabel = "PAGE",
      description = "writes the tables into this page, between its marks")
  private @Nullable Path record;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public PolicyCommand() {}

  @Override
  public Integer call() throws Exception {
    if (limit < 1 || keyOnlyBytes < 1 || percents.stream().anyMatch(p -> !(p > 0))) {
      throw new IllegalArgumentException("--memory, --limit and --key-size must be positive");
    }
    Page page = record == null ? null : Page.of(record, "policies", "policy");
    PrintWriter out = spec.commandLine().getOut();
    StringBuilder all = new StringBuilder();
    List<PolicyGrid> grids = new ArrayList<>();
    for (Path path : traces) {
      Trace trace = Trace.read(path, new Trace.Reading(limit, 1, key -> keyOnlyBytes));
      PolicyGrid grid = PolicyGrid.of(nameOf(path), trace, percents);
      grids.add(grid);
      String table = grid.table();
      out.print(table);
      out.flush();
      all.append(table);
    }
    String regret = PolicyGrid.regretTable(grids);
    out.print(regret);
    out.flush();
    if (page != null) {
      page.write("```text" + all + regret + "```\n");
    }
    return 0;
  }

  private static String nameOf(Path path) {
    Path name = path.getFileName();
    return String.valueOf(name).replace(".csv.gz", "");
  }
}
