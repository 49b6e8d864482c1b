package dev.carafe.bench.near;

import dev.carafe.bench.Json;
import dev.carafe.bench.Page;
import dev.carafe.bench.Progress;
import dev.carafe.bench.TemporaryDirectory;
import dev.carafe.bench.versus.Machine;
import dev.carafe.contenders.near.NearContender;
import dev.carafe.contenders.near.NearContender.Reach;
import dev.carafe.contenders.near.NearContenders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench near}: measures near caches of Redis. */
@Command(
    name = "near",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures near caches of a Redis server, which it starts: two processes at a time read and"
            + " write the same values, and read again after a restart. Checks every value.")
public final class NearCommand implements Callable<Integer> {
  @Option(names = "--quick", description = "64 MiB of values instead of 2 GiB")
  private boolean quick;

  @Option(
      names = "--contenders",
      split = ",",
      description =
          "contenders to run, separated by commas: redis, lettuce, lettuce-map, carafe, redisson;"
              + " default: all")
  private List<String> names = List.of();

  @Option(names = "--rounds", description = "runs of each contender, in turn (1)")
  private int rounds = 1;

  @Option(names = "--dir", description = "directory of the files; default: the temporary directory")
  private @Nullable Path directory;

  @Option(names = "--json", description = "write the results to this file as JSON")
  private @Nullable Path json;

  @Option(
      names = "--record",
      paramLabel = "PAGE",
      description = "write the tables into this page, between its markers")
  private @Nullable Path record;

  @Option(names = "--jvm", split = " ", description = "additional options of all JVMs")
  private List<String> jvm = List.of();

  /** Creates the command. */
  public NearCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Page page = record == null ? null : Page.of(record, "near", "bench near");
    List<NearContender> contenders = contenders();
    if (rounds < 1) {
      throw new IllegalArgumentException("--rounds is " + rounds + ", must be at least 1");
    }
    NearScale scale = quick ? NearScale.QUICK : NearScale.FULL;
    List<NearFigures> figures = new ArrayList<>();
    String serverName;
    try (TemporaryDirectory temporary = temporary();
        RedisProcess server = RedisProcess.start(temporary.path())) {
      serverName = server.name();
      NearRun run = new NearRun(server, scale, temporary.path(), jvm);
      measure(run, contenders, figures);
    }
    NearTables tables = new NearTables(figures);
    List<String> failures = tables.failures();
    String text = text(tables, scale, contenders, serverName);
    System.out.print(text);
    if (json != null) {
      Files.writeString(json, Json.pretty(document(scale, serverName, figures)));
    }
    if (!failures.isEmpty()) {
      System.err.println("carafe: " + String.join("; ", failures));
      return 1;
    }
    if (page != null) {
      page.write(text);
    }
    return 0;
  }

  private void measure(NearRun run, List<NearContender> contenders, List<NearFigures> figures)
      throws IOException, InterruptedException {
    try (Progress progress = Progress.start("runs", (long) rounds * contenders.size())) {
      for (int round = 0; round < rounds; round++) {
        for (NearContender contender : contenders) {
          progress.show(contender.name());
          figures.addAll(run.measure(contender, round, contender.reach() != Reach.NONE));
          progress.step(1);
        }
      }
    }
  }

  private TemporaryDirectory temporary() throws IOException {
    return directory == null
        ? TemporaryDirectory.create("carafe-near")
        : TemporaryDirectory.create(directory, "carafe-near");
  }

  private List<NearContender> contenders() {
    List<String> all = NearContenders.list().stream().map(NearContender::name).toList();
    for (String name : names) {
      if (!all.contains(name)) {
        throw new IllegalArgumentException(
            "unknown contender '" + name + "', must be one of " + String.join(", ", all));
      }
    }
    return NearContenders.list().stream()
        .filter(contender -> names.isEmpty() || names.contains(contender.name()))
        .toList();
  }

  private String text(
      NearTables tables, NearScale scale, List<NearContender> contenders, String server)
      throws IOException {
    List<String> versions = new ArrayList<>(List.of(server));
    for (NearContender contender : contenders) {
      String version = contender.version();
      if (!versions.contains(version)) {
        versions.add(version);
      }
    }
    String sizes =
        "%,d values of %,d bytes; each near cache has %d MiB of memory, and Carafe's a file of %,d MiB."
            .formatted(
                scale.values(),
                scale.valueBytes(),
                scale.memoryBytes() >> 20,
                scale.fileBytes() >> 20);
    String requests =
        "%d processes, each with %,d requests; %d round%s."
            .formatted(scale.processes(), scale.requests(), rounds, rounds == 1 ? "" : "s");
    return String.join(
        "\n",
        Machine.sentence(List.of()),
        String.join(", ", versions) + ".",
        sizes,
        requests,
        "",
        tables.reads(),
        tables.restarts(),
        tables.target());
  }

  private static Map<String, Object> document(
      NearScale scale, String server, List<NearFigures> figures) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("machine", Machine.properties(Path.of(".")));
    document.put("server", server);
    document.put("values", scale.values());
    document.put("valueBytes", scale.valueBytes());
    document.put("memoryBytes", scale.memoryBytes());
    document.put("fileBytes", scale.fileBytes());
    document.put("requests", scale.requests());
    document.put("figures", figures.stream().map(NearFigures::json).toList());
    return document;
  }
}
