package dev.carafe.bench.core;

import dev.carafe.bench.Json;
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

/** {@code bench core}: runs the benchmarks of this package and shows them as tables. */
@Command(
    name = "core",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Allocator, memory-tier hits, heap and file tier, next to their peers in one run.")
public final class CoreCommand implements Callable<Integer> {
  @Option(names = "--quick", description = "shorter, and with less data")
  private boolean quick;

  @Option(
      names = "--only",
      split = ",",
      description = "only these suites; default all: ${COMPLETION-CANDIDATES}")
  private @Nullable List<Suite> only;

  @Option(names = "--dir", description = "where their files lie; default a temporary folder")
  private @Nullable Path dir;

  @Option(names = "--json", description = "writes the figures to a file")
  private @Nullable Path json;

  @Option(
      names = "--record",
      paramLabel = "PAGE",
      description = "writes the tables into this page, each suite's between its marks")
  private @Nullable Path record;

  @Option(
      names = "--contenders",
      split = ",",
      description =
          "only these; this and what follows is for suites that JMH runs: ALLOCATOR, HITS")
  private List<String> contenders = List.of();

  @Option(
      names = "--param",
      description = "only these values of a benchmark's parameter: --param bytes=4096")
  private Map<String, String> params = Map.of();

  @Option(names = "--match", description = "only benchmarks whose name contains this")
  private String match = "";

  @Option(names = "--threads", split = ",", description = "how many threads (1,2)")
  private List<Integer> threads = List.of(1, 2);

  @Option(names = "--forks", description = "JVMs per setting (1 if quick, else 3)")
  private int forks;

  @Option(names = "--jvm", split = " ", description = "further options of these JVMs")
  private List<String> jvm = List.of();

  /** For the command line. */
  public CoreCommand() {}

  @Override
  public Integer call() throws Exception {
    List<Suite> suites = only == null ? List.of(Suite.values()) : only;
    for (Suite suite : suites) {
      var _ = page(suite); // it is there, as is known before hours are spent
    }
    if (suites.stream().anyMatch(suite -> suite.measure.equals("fio")) && !Fio.isPresent()) {
      System.out.println("fio is not on the path, so it does not take part; the package is fio");
    }
    List<Map<String, Object>> written = new ArrayList<>();
    for (Suite suite : suites) {
      List<Figure> figures =
          switch (suite.how) {
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
      Files.writeString(json, Json.of(document));
    }
    return 0;
  }

  private @Nullable Page page(Suite suite) throws IOException {
    return record == null
        ? null
        : Page.of(record, suite.name().toLowerCase(Locale.ROOT), "bench core");
  }

  private void show(Suite suite, List<Figure> figures) throws IOException {
    String tables = Tables.of(figures, suite.measure) + Target.table(suite.targets, figures);
    System.out.print(tables);
    Page page = page(suite);
    if (page != null) {
      String how = quick ? " A quick run: short windows, less data." : "";
      page.write(Page.setup(List.of()) + how + "\n\n```text" + tables + "```\n");
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
    Path home = dir == null ? Files.createTempDirectory("carafe-core") : dir;
    List<Figure> figures = suite.run(home, quick);
    if (dir == null) {
      Files.delete(home);
    }
    return figures;
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
