package dev.carafe.bench.versus;

import dev.carafe.bench.Progress;
import dev.carafe.bench.ResultFile;
import dev.carafe.bench.fork.Cell;
import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Contenders;
import dev.carafe.contenders.ForkedJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code carafe bench SUITE}: measures contenders in forked JVMs. */
public class VersusCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "SUITE",
      description = "memory, gc, trace, hybrid, restart, crash; default: all")
  private List<String> suites = List.of();

  @Option(names = "--list", description = "list suites and contenders, and exit")
  private boolean list;

  @Option(
      names = "--contenders",
      split = ",",
      description = "contenders to run, separated by commas; default: all")
  private List<String> names = List.of();

  @Option(names = "--quick", description = "about 15 minutes for all suites (the default)")
  private boolean quick;

  @Option(names = "--full", description = "two rounds with more data, more than two hours")
  private boolean full;

  @Option(
      names = "--rounds",
      description = "JVMs per contender and workload (1 with --quick, 2 with --full)")
  private @Nullable Integer rounds;

  @Option(names = "--dir", description = "directory of the files; default: the temporary directory")
  private @Nullable Path directory;

  @Option(
      names = "--out",
      description = "the result file; cells that an existing file has are not run again")
  private @Nullable Path out;

  @Option(names = "--jvm", split = " ", description = "additional options of all JVMs")
  private List<String> jvm = List.of();

  @Option(
      names = "--minutes",
      description = "stop after this time; the same command with --out continues the run")
  private double minutes = Double.MAX_VALUE;

  /** Creates the command. */
  public VersusCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      System.out.print(listing());
      return 0;
    }
    if (quick && full) {
      throw new IllegalArgumentException("--quick and --full can't be combined");
    }
    Scale scale = full ? Scale.FULL : Scale.QUICK;
    Set<String> chosen = new LinkedHashSet<>(suites.isEmpty() ? Plan.SUITES.keySet() : suites);
    List<Contender> contenders = contenders();
    Path home = directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory;
    Path target = out == null ? Path.of("carafe-bench-" + now() + ".jsonl") : out;
    ResultFile results = new ResultFile(target);
    Set<String> done = results.doneCells();
    List<Cell> cells =
        Plan.of(
                chosen,
                scale,
                rounds == null ? scale.rounds : rounds,
                contenders,
                Machine.memoryBytes("MemAvailable"))
            .stream()
            .filter(cell -> !done.contains(cell.id()))
            .toList();
    System.err.println(
        "carafe: "
            + cells.size()
            + " cells, results in "
            + target
            + (done.isEmpty() ? "" : ", which already has " + done.size()));
    results.add(run(scale, home, contenders));
    boolean all = measure(cells, new CellRun(home, jvm), results);
    System.err.println(
        all
            ? "carafe: done; for a report, run: carafe report " + target
            : "carafe: stopped; to continue, run the same command with --out " + target);
    return 0;
  }

  private boolean measure(List<Cell> cells, CellRun runner, ResultFile results)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + (long) Math.min(Long.MAX_VALUE / 4.0, minutes * 60e9);
    RemainingTime remaining = new RemainingTime(cells);
    try (Progress progress = Progress.start("cells", cells.size(), remaining)) {
      for (Cell cell : cells) {
        if (System.nanoTime() - deadline > 0) {
          return false;
        }
        progress.show(cell.id());
        long start = System.nanoTime();
        Fork.Outcome outcome = runner.run(cell);
        double seconds = (System.nanoTime() - start) / 1e9;
        for (Map<String, Object> figures : outcome.figures()) {
          results.add(line("figures", cell, figures));
        }
        if (outcome.failure() != null) {
          results.add(line("failed", cell, Map.of("failure", outcome.failure())));
        }
        results.add(Map.of("type", "done", "cell", cell.id(), "seconds", seconds));
        if (outcome.failure() != null) {
          progress.print(cell.id() + " failed: " + outcome.failure());
        }
        remaining.completed(cell, seconds);
        progress.step(1);
      }
    }
    return true;
  }

  private static Map<String, Object> line(String type, Cell cell, Map<String, Object> more) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("type", type);
    line.put("cell", cell.id());
    for (String field :
        List.of(
            "suite",
            "workload",
            "contender",
            "round",
            "heapBytes",
            "memoryBytes",
            "totalBytes",
            "valueBytes")) {
      if (cell.has(field)) {
        line.put(field, cell.fields().get(field));
      }
    }
    line.putAll(more);
    return line;
  }

  private List<Contender> contenders() {
    if (names.isEmpty()) {
      return Contenders.list();
    }
    List<Contender> chosen = new ArrayList<>();
    for (String name : names) {
      chosen.add(
          Contenders.find(name)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "unknown contender '"
                          + name
                          + "'; carafe bench --list lists the contenders")));
    }
    return chosen;
  }

  private Map<String, Object> run(Scale scale, Path home, List<Contender> contenders)
      throws IOException {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("type", "run");
    run.put("at", Instant.now().toString());
    run.put("scale", scale.name().toLowerCase(java.util.Locale.ROOT));
    run.put("jvm", String.join(" ", jvm));
    run.put("machine", Machine.properties(home));
    Map<String, Object> versions = new LinkedHashMap<>();
    for (Contender contender : contenders) {
      Map<String, Object> about = new LinkedHashMap<>();
      about.put("version", ForkedJvm.version(contender));
      about.put("setup", contender.setup());
      about.put("flags", String.join(" ", contender.flags()));
      about.put("traits", contender.traits().stream().map(Enum::name).sorted().toList());
      versions.put(contender.name(), about);
    }
    run.put("contenders", versions);
    run.put("absent", Contenders.unmeasured());
    return run;
  }

  private static String listing() throws IOException {
    StringBuilder text = new StringBuilder("suites\n");
    Plan.SUITES.forEach((name, what) -> text.append("  %-19s %s%n".formatted(name, what)));
    text.append("contenders\n");
    for (Contender contender : Contenders.list()) {
      text.append(
          "  %-19s %s: %s%n"
              .formatted(contender.name(), ForkedJvm.version(contender), contender.setup()));
    }
    Contenders.unmeasured()
        .forEach((name, why) -> text.append("  %-19s not measured: %s%n".formatted(name, why)));
    return text.toString();
  }

  private static String now() {
    return LocalDateTime.now(java.time.ZoneId.systemDefault())
        .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmm", java.util.Locale.ROOT));
  }
}
