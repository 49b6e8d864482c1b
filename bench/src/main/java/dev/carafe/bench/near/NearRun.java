package dev.carafe.bench.near;

import dev.carafe.bench.TemporaryDirectory;
import dev.carafe.bench.fork.Cell;
import dev.carafe.contenders.near.Layout;
import dev.carafe.contenders.near.NearContender;
import dev.carafe.contenders.near.NearContenders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures contenders on one server, one after another. Each time, processes read and write the
 * same keys; they end, a fiftieth of the values changes, and other processes go on with what the
 * near caches have kept.
 */
final class NearRun {
  /** The heap of a process besides the near cache. */
  private static final long HEAP_BYTES = 128 << 20;

  /** Heap bytes for each byte of values: garbage, and what the weigher does not count. */
  private static final int HEAP_FACTOR = 2;

  private static final int CHANGED_STEP = 50;

  /** Versions of a phase are below those of the next one. */
  private static final int PHASE_SHIFT = 40;

  private final RedisProcess server;
  private final NearScale scale;
  private final Path directory;
  private final List<String> jvmOptions;
  private @Nullable Layout filled;
  private long phase;

  /**
   * Creates a run.
   *
   * @param server whose contents are replaced
   * @param scale the amount of data
   * @param directory of the files
   * @param jvmOptions additional options of all JVMs
   */
  NearRun(RedisProcess server, NearScale scale, Path directory, List<String> jvmOptions) {
    this.server = server;
    this.scale = scale;
    this.directory = directory;
    this.jvmOptions = jvmOptions;
  }

  /**
   * Measures a contender.
   *
   * @param contender the contender
   * @param round the round
   * @param restarts whether to go on in other processes
   * @return a result for each process
   */
  List<NearFigures> measure(NearContender contender, int round, boolean restarts)
      throws IOException, InterruptedException {
    if (filled != contender.layout()) {
      filled = null;
      write(contender.layout(), 1);
      filled = contender.layout();
    }
    List<Map<String, Map<String, Object>>> phases = new ArrayList<>();
    for (int i = 0; i < scale.processes(); i++) {
      phases.add(new LinkedHashMap<>());
    }
    try (TemporaryDirectory files = TemporaryDirectory.create(directory, "carafe-near-")) {
      run(contender, "near", round, files.path(), List.of("warmup", "steady", "compared"), phases);
      if (restarts) {
        write(contender.layout(), CHANGED_STEP);
        run(
            contender,
            "nearReopened",
            round,
            files.path(),
            List.of("open", "reopened", "comparedAgain"),
            phases);
      }
    }
    List<NearFigures> figures = new ArrayList<>();
    for (int i = 0; i < scale.processes(); i++) {
      figures.add(new NearFigures(contender.name(), round, i, phases.get(i)));
    }
    return figures;
  }

  /** Runs the processes of a kind, and adds the results of their steps. */
  private void run(
      NearContender contender,
      String kind,
      int round,
      Path files,
      List<String> steps,
      List<Map<String, Map<String, Object>>> phases)
      throws IOException, InterruptedException {
    long changed = phase << PHASE_SHIFT;
    phase++;
    List<NearProcess> processes = new ArrayList<>();
    try {
      for (int i = 0; i < scale.processes(); i++) {
        Cell cell =
            cell(kind)
                .with("contender", contender.name())
                .with("memoryBytes", scale.memoryBytes())
                .with("fileBytes", scale.fileBytes())
                .with("file", files.resolve("near" + i).toString())
                .with("warmUp", scale.warmUp())
                .with("requests", scale.requests())
                .with("processes", scale.processes())
                .with("process", i)
                .with("seed", seed(kind, round, i));
        if (kind.equals("nearReopened")) {
          cell = cell.with("changedStep", CHANGED_STEP).with("changedVersion", changed);
        }
        processes.add(new NearProcess(contender, cell, options(contender)));
      }
      for (String step : steps) {
        for (int i = 0; i < scale.processes(); i++) {
          phases.get(i).put(step, processes.get(i).result());
        }
        for (NearProcess process : processes) {
          process.next();
        }
      }
      for (NearProcess process : processes) {
        process.awaitEnd();
      }
    } catch (IOException e) {
      throw new IOException(contender.name() + ": " + e.getMessage(), e);
    } finally {
      processes.forEach(NearProcess::close);
    }
  }

  /** The keys of a contender are those of the others in the same round. */
  private static long seed(String kind, int round, int process) {
    return 1000L * round + 10L * process + (kind.equals("near") ? 1 : 2);
  }

  private Cell cell(String kind) {
    return new Cell(Map.of("kind", kind))
        .with("port", server.port())
        .with("values", scale.values())
        .with("valueBytes", scale.valueBytes())
        .with("version", phase << PHASE_SHIFT);
  }

  private List<String> options(NearContender contender) {
    long near =
        switch (contender.reach()) {
          case NONE, FILE -> 0;
          case HEAP -> scale.memoryBytes();
          case WHOLE_HEAP -> scale.totalBytes();
        };
    List<String> options = new ArrayList<>();
    options.add("-Xmx" + ((HEAP_BYTES + HEAP_FACTOR * near) >> 20) + "m");
    options.addAll(jvmOptions);
    return options;
  }

  /** Writes every {@code step}th value. */
  private void write(Layout layout, int step) throws IOException, InterruptedException {
    phase++;
    Cell cell = cell("nearWrite").with("layout", layout.name()).with("step", step);
    NearContender lettuce = NearContenders.find("redis").orElseThrow();
    List<String> options = new ArrayList<>(List.of("-Xmx256m"));
    options.addAll(jvmOptions);
    try (NearProcess process = new NearProcess(lettuce, cell, options)) {
      var _ = process.result();
      process.awaitEnd();
    }
  }
}
