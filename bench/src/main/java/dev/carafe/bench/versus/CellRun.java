package dev.carafe.bench.versus;

import dev.carafe.bench.TemporaryDirectory;
import dev.carafe.bench.fork.Cell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Runs one cell: creates its directory and memory limit and starts its JVMs. */
final class CellRun {
  private static final double TIMEOUT_FACTOR = 5;
  private static final double MIN_TIMEOUT_SECONDS = 60;

  /** Ehcache's queue of pending writes is unbounded and needs heap. */
  private static final long FILL_HEAP_BYTES = 4L << 30;

  private final Path directory;
  private final List<String> jvmOptions;

  CellRun(Path directory, List<String> jvmOptions) {
    this.directory = directory;
    this.jvmOptions = jvmOptions;
  }

  Fork.Outcome run(Cell cell) throws IOException, InterruptedException {
    if (!cell.has("needsDirectory") || !cell.text("needsDirectory").equals("true")) {
      return new Fork(cell, jvmOptions).run(null, deadline(cell));
    }
    try (TemporaryDirectory temporary = TemporaryDirectory.create(directory, "carafe-bench-")) {
      Path home = temporary.path();
      Cell placed = cell.with("directory", home.toString());
      return switch (cell.text("suite")) {
        case "hybrid" -> hybrid(placed, home);
        case "restart" -> restart(placed, home);
        case "crash" -> crash(placed);
        default -> new Fork(placed, jvmOptions).run(null, deadline(cell));
      };
    }
  }

  private static double deadline(Cell cell) {
    return MIN_TIMEOUT_SECONDS + TIMEOUT_FACTOR * cell.real("expectedSeconds");
  }

  private Fork.Outcome hybrid(Cell cell, Path home) throws IOException, InterruptedException {
    Cell filling = cell.with("kind", "hybridFill").with("heapBytes", FILL_HEAP_BYTES);
    Fork.Outcome filled = new Fork(filling, jvmOptions).run(null, deadline(cell));
    if (filled.failure() != null) {
      return filled;
    }
    dropFromPageCache(home);
    return both(filled, bounded(cell));
  }

  private Fork.Outcome bounded(Cell cell) throws IOException, InterruptedException {
    try (MemoryCgroup bound = MemoryCgroup.tryCreate(cell.number("limitBytes"))) {
      Fork.Outcome outcome = new Fork(cell, jvmOptions).run(bound, deadline(cell));
      for (Map<String, Object> figures : outcome.figures()) {
        figures.put("pageCache", bound == null ? "unbounded" : "bounded by " + bound.kind());
        figures.put("peakTotalBytes", bound == null ? 0L : bound.peakBytes());
      }
      return outcome;
    }
  }

  private Fork.Outcome restart(Cell cell, Path home) throws IOException, InterruptedException {
    Fork.Outcome filled = new Fork(cell.with("kind", "fill"), jvmOptions).run(null, deadline(cell));
    if (filled.failure() != null) {
      return filled;
    }
    Fork.Outcome reopened = reopen(cell.with("kind", "reopen"), home, List.of());
    Fork.Outcome outcome = both(filled, reopened);
    if (reopened.failure() != null || !Fork.hasJarsOnly(cell)) {
      return outcome;
    }
    return both(outcome, reopenWithAotCache(cell, home));
  }

  /** Reopens with an AOT cache that another process created in a training run. */
  private Fork.Outcome reopenWithAotCache(Cell cell, Path home)
      throws IOException, InterruptedException {
    Path cache = home.resolve("aot").resolve("reopen.aot");
    Files.createDirectories(home.resolve("aot"));
    Fork.Outcome trained =
        reopen(cell.with("kind", "reopenTraining"), home, List.of("-XX:AOTCacheOutput=" + cache));
    return trained.failure() == null && Files.exists(cache)
        ? reopen(cell.with("kind", "reopenAot"), home, List.of("-XX:AOTCache=" + cache))
        : new Fork.Outcome(List.of(), trained.failure());
  }

  private Fork.Outcome reopen(Cell cell, Path home, List<String> more)
      throws IOException, InterruptedException {
    boolean cold = dropFromPageCache(home);
    List<String> options = new ArrayList<>(jvmOptions);
    options.addAll(more);
    Fork.Outcome reopened = new Fork(cell, options).run(null, deadline(cell));
    reopened.figures().forEach(figures -> figures.put("pageCache", cold ? "dropped" : "warm"));
    return reopened;
  }

  private static Fork.Outcome both(Fork.Outcome first, Fork.Outcome second) {
    List<Map<String, Object>> figures = new ArrayList<>(first.figures());
    figures.addAll(second.figures());
    return new Fork.Outcome(figures, second.failure());
  }

  /** Drops the files from the page cache with dd, which needs no privileges. */
  private static boolean dropFromPageCache(Path home) throws IOException, InterruptedException {
    boolean all = true;
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Process dd =
            new ProcessBuilder(
                    "dd", "if=" + file, "iflag=nocache", "count=0", "of=/dev/null", "status=none")
                .redirectErrorStream(true)
                .start();
        all &= dd.waitFor() == 0;
      }
    }
    return all;
  }

  private Fork.Outcome crash(Cell cell) throws IOException, InterruptedException {
    AtomicLong operations = new AtomicLong(-1);
    long waitMillis = 300L + new SplittableRandom(cell.number("round") * 77 + 5).nextInt(1200);
    Fork writer = new Fork(cell.with("kind", "write"), jvmOptions);
    Fork.Outcome wrote =
        writer.run(
            null,
            deadline(cell),
            (process, figures) -> {
              if (figures.get("operations") instanceof Long done) {
                operations.set(done);
              } else {
                killLater(process, waitMillis);
              }
            });
    if (operations.get() < 0) {
      return new Fork.Outcome(
          List.of(),
          wrote.failure() == null ? "the writer reported no operations" : wrote.failure());
    }
    Fork.Outcome checked =
        new Fork(cell.with("kind", "check").with("operations", operations.get()), jvmOptions)
            .run(null, deadline(cell));
    checked.figures().forEach(figures -> figures.put("killedAfterMillis", waitMillis));
    return checked;
  }

  /** Sends SIGKILL by the handle, because {@link Process#destroyForcibly} also closes the pipe. */
  private static void killLater(Process process, long millis) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
              process.toHandle().destroyForcibly();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
