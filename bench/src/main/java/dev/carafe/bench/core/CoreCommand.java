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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench core}: runs the benchmarks of this package and shows them as tables. */
@Command(
    name = "core",
    mixinStandardHelpOptions = true,
    description = "Allocator, memory-tier hits and file tier, next to their peers in one run.")
public final class CoreCommand implements Callable<Integer> {
  @Option(names = "--quick", description = "shorter, and with less data")
  private boolean quick;

  @Option(
      names = "--only",
      split = ",",
      description = "allocator, hits; default all: ${COMPLETION-CANDIDATES}")
  private @Nullable List<Suite> only;

  @Option(
      names = "--file",
      split = ",",
      description = "benchmarks of the file tier; default all: ${COMPLETION-CANDIDATES}")
  private @Nullable List<FileSuite> file;

  @Option(names = "--dir", description = "where their files lie; default a temporary folder")
  private @Nullable Path dir;

  @Option(names = "--contenders", split = ",", description = "only these")
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

  @Option(names = "--json", description = "writes the figures to a file")
  private @Nullable Path json;

  @Option(
      names = "--record",
      paramLabel = "PAGE",
      description = "writes the tables into this page, each suite's between its marks")
  private @Nullable Path record;

  /** For the command line. */
  public CoreCommand() {}

  @Override
  public Integer call() throws Exception {
    boolean all = only == null && file == null;
    List<Suite> code = all ? List.of(Suite.values()) : only == null ? List.of() : only;
    List<FileSuite> files = all ? List.of(FileSuite.values()) : file == null ? List.of() : file;
    for (Enum<?> suite : Stream.concat(code.stream(), files.stream()).toList()) {
      var _ = page(suite); // it is there, as is known before hours are spent
    }
    List<Map<String, Object>> written = new ArrayList<>();
    for (Suite suite : code) {
      show(suite, suite.measure, run(suite), written);
    }
    if (!files.isEmpty() && !Fio.isPresent()) {
      System.out.println("fio is not on the path, so it does not take part; the package is fio");
    }
    for (FileSuite suite : files) {
      show(suite, suite.measure, run(suite), written);
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

  private @Nullable Page page(Enum<?> suite) throws IOException {
    return record == null ? null : Page.of(record, name(suite), "core");
  }

  private static String name(Enum<?> suite) {
    return suite.name().toLowerCase(Locale.ROOT);
  }

  private void show(
      Enum<?> suite, String measure, List<Figure> figures, List<Map<String, Object>> written)
      throws IOException {
    String tables = Tables.of(figures, measure);
    System.out.print(tables);
    figures.forEach(figure -> written.add(figure.json()));
    Page page = page(suite);
    if (page != null) {
      String how = quick ? " A quick run: short windows, less data." : "";
      page.write(Page.setup(List.of()) + how + "\n\n```text" + tables + "```\n");
    }
  }

  private List<Figure> run(Suite suite) throws RunnerException {
    List<Figure> figures = new ArrayList<>();
    for (int count : threads) {
      for (RunResult result : new Runner(options(suite, count).build()).run()) {
        figures.add(Figure.of(result, suite.contenderParam));
      }
    }
    return figures;
  }

  private List<Figure> run(FileSuite suite) throws Exception {
    Path home = dir == null ? Files.createTempDirectory("carafe-core") : dir;
    List<Figure> figures = suite.run(home, quick);
    if (dir == null) {
      Files.delete(home);
    }
    return figures;
  }

  private OptionsBuilder options(Suite suite, int count) {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include(suite.pattern + ".*" + match)
        .threads(count)
        .forks(forks > 0 ? forks : quick ? 1 : 3)
        .jvmArgsAppend(jvm.toArray(String[]::new))
        .addProfiler("gc")
        .shouldFailOnError(true);
    suite.time(options, quick);
    List<String> chosen = contenders.isEmpty() ? suite.contenders(quick) : contenders;
    options.param(suite.contenderParam, chosen.toArray(String[]::new));
    params.forEach((name, value) -> options.param(name, value.split(",")));
    return options;
  }
}
