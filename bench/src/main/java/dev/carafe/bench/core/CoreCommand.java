package dev.carafe.bench.core;

import dev.carafe.bench.Json;
import dev.carafe.bench.Page;
import dev.carafe.bench.TemporaryDirectory;
import dev.carafe.bench.versus.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench core}: runs the benchmarks of this package and prints tables. */
@Command(
    name = "core",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures allocator, memory-tier hits, heap per entry and file tier, with their peers in"
            + " the same run.")
public final class CoreCommand implements Callable<Integer> {
  @Option(names = "--quick", description = "shorter iterations and less data")
  private boolean quick;

  @Option(
      names = "--only",
      split = ",",
      description = "suites to run; default: all of ${COMPLETION-CANDIDATES}")
  private @Nullable List<Suite> only;

  @Option(names = "--dir", description = "directory of the files; default: a temporary directory")
  private @Nullable Path dir;

  @Option(names = "--json", description = "write the results to this file as JSON")
  private @Nullable Path json;

  @Option(
      names = "--record",
      paramLabel = "PAGE",
      description = "write the tables into this page, each suite between its markers")
  private @Nullable Path record;

  @Option(
      names = "--contenders",
      split = ",",
      description =
          "contenders to run; this option and the following apply to JMH suites: ALLOCATOR, HITS,"
              + " EVENTS")
  private List<String> contenders = List.of();

  @Option(
      names = "--param",
      description = "values of a benchmark parameter, for example --param bytes=4096")
  private Map<String, String> params = Map.of();

  @Option(names = "--match", description = "run only benchmarks whose name contains this text")
  private String match = "";

  @Option(names = "--threads", split = ",", description = "numbers of threads (1,2)")
  private List<Integer> threads = List.of(1, 2);

  @Option(names = "--forks", description = "JVMs per setting (1 with --quick, else 3)")
  private int forks;

  @Option(names = "--jvm", split = " ", description = "additional options of these JVMs")
  private List<String> jvm = List.of();

  /** Creates the command. */
  public CoreCommand() {}

  @Override
  public Integer call() throws Exception {
    List<Suite> suites = only == null ? List.of(Suite.values()) : only;
    for (Suite suite : suites) {
      var _ = page(suite); // fails before the measurement if the page has no markers
    }
    if (suites.stream().anyMatch(suite -> suite.baseline.equals("fio")) && !Fio.isPresent()) {
      System.out.println("fio is not on the PATH and is not measured; the Debian package is fio");
    }
    List<Map<String, Object>> written = new ArrayList<>();
    for (Suite suite : suites) {
      List<Figure> figures =
          switch (suite.method) {
            case Suite.Jmh jmh -> run(jmh);
            case Suite.Rounds rounds -> run(rounds);
          };
      show(suite, figures);
      figures.forEach(figure -> written.add(figure.json()));
    }
    if (json != null) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("java", System.getProperty("java.vm.version"));
      document.put("processors", Runtime.getRuntime().availableProcessors());
      document.put("quick", quick);
      document.put("figures", written);
      Files.writeString(json, Json.pretty(document));
    }
    return 0;
  }

  private @Nullable Page page(Suite suite) throws IOException {
    return record == null
        ? null
        : Page.of(record, suite.name().toLowerCase(Locale.ROOT), "bench core");
  }

  private void show(Suite suite, List<Figure> figures) throws IOException {
    String tables = Tables.of(figures, suite.baseline) + Target.table(suite.targets, figures);
    System.out.print(tables);
    Page page = page(suite);
    if (page != null) {
      String method = quick ? "\nA quick run: short iterations, less data." : "";
      page.write(Machine.sentence(List.of()) + method + "\n\n```text" + tables + "```\n");
    }
  }

  private List<Figure> run(Suite.Jmh suite) throws RunnerException {
    List<Figure> figures = new ArrayList<>();
    for (int count : threads) {
      for (RunResult result : new Runner(options(suite, count).build()).run()) {
        figures.add(Figure.of(result, suite.contenderParam()));
      }
    }
    return figures;
  }

  private List<Figure> run(Suite.Rounds suite) throws Exception {
    if (dir != null) {
      return suite.run(dir, quick);
    }
    try (TemporaryDirectory temporary = TemporaryDirectory.create("carafe-core")) {
      return suite.run(temporary.path(), quick);
    }
  }

  private OptionsBuilder options(Suite.Jmh suite, int count) {
    OptionsBuilder options = new OptionsBuilder();
    TimeValue window = TimeValue.milliseconds(quick ? suite.quickMillis() : suite.millis());
    options
        .include(suite.pattern() + ".*" + match)
        .threads(count)
        .forks(forks > 0 ? forks : quick ? 1 : 3)
        .jvmArgsAppend(jvm.toArray(String[]::new))
        .addProfiler("gc")
        .warmupTime(window)
        .warmupIterations(3)
        .measurementTime(window)
        .measurementIterations(quick ? 3 : 5)
        .shouldFailOnError(true);
    List<String> chosen = contenders.isEmpty() ? suite.contenders() : contenders;
    options.param(suite.contenderParam(), chosen.toArray(String[]::new));
    if (quick) {
      suite.quickParams().forEach((name, value) -> options.param(name, value));
    }
    params.forEach((name, value) -> options.param(name, value.split(",")));
    return options;
  }
}
