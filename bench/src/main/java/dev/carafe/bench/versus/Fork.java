package dev.carafe.bench.versus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.bench.JsonLine;
import dev.carafe.bench.fork.Cell;
import dev.carafe.bench.fork.ForkMain;
import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Contenders;
import dev.carafe.contenders.ForkedJvm;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** One JVM of one contender: started, read from, ended. */
final class Fork {
  private static final int REMEMBERED_LINES = 40;

  /**
   * glibc gives each thread an arena of its own, and what is free in one is lost to the others:
   * RocksDB took some 40 MiB more for it, of 400 in all.
   */
  private static final String FEW_ARENAS = "MALLOC_ARENA_MAX";

  private final Cell cell;
  private final List<String> jvmOptions;
  private final Deque<String> said = new ArrayDeque<>();

  /** What came of it: its figures, and why it failed if it did. */
  record Outcome(List<Map<String, Object>> figures, @Nullable String failure) {}

  Fork(Cell cell, List<String> jvmOptions) {
    this.cell = cell;
    this.jvmOptions = jvmOptions;
  }

  /** Runs it to its end, or to the deadline. */
  Outcome run(@Nullable MemoryBound bound, double deadlineSeconds)
      throws IOException, InterruptedException {
    return run(bound, deadlineSeconds, (process, line) -> {});
  }

  /** Sees every line of figures while the process runs. */
  interface Watcher {
    void see(Process process, Map<String, Object> figures);
  }

  Outcome run(@Nullable MemoryBound bound, double deadlineSeconds, Watcher watcher)
      throws IOException, InterruptedException {
    List<String> command = command();
    ProcessBuilder builder = new ProcessBuilder(bound == null ? command : bound.around(command));
    builder.redirectErrorStream(true);
    builder.environment().put(FEW_ARENAS, "2");
    Process process = builder.start();
    Thread ender = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(ender);
    AtomicBoolean late = new AtomicBoolean();
    Thread clock = Thread.ofPlatform().daemon().start(() -> endAt(process, deadlineSeconds, late));
    List<Map<String, Object>> figures = new ArrayList<>();
    read(
        process,
        line -> {
          figures.add(line);
          watcher.see(process, line);
        });
    int status = process.waitFor();
    clock.interrupt();
    Runtime.getRuntime().removeShutdownHook(ender);
    if (late.get()) {
      return new Outcome(figures, "not done after %.0f s".formatted(deadlineSeconds));
    }
    return new Outcome(figures, status == 0 ? null : reason(status));
  }

  private static void endAt(Process process, double deadlineSeconds, AtomicBoolean late) {
    try {
      if (!process.waitFor((long) (deadlineSeconds * 1000), TimeUnit.MILLISECONDS)) {
        late.set(true);
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      // It ended in time.
    }
  }

  /** Whether the class path has jars alone, as the JDK's AOT cache requires. */
  static boolean hasJarsOnly(Cell cell) throws IOException {
    return Stream.of(classPath(cell).split(File.pathSeparator))
        .allMatch(part -> part.endsWith(".jar"));
  }

  private static String classPath(Cell cell) throws IOException {
    Contender contender = Contenders.find(cell.text("contender")).orElseThrow();
    return ForkedJvm.classPath(contender, ForkMain.class, Histogram.class, NullMarked.class);
  }

  private List<String> command() throws IOException {
    Contender contender = Contenders.find(cell.text("contender")).orElseThrow();
    List<String> options = new ArrayList<>();
    options.add("-Xmx" + (cell.number("heapBytes") >> 20) + "m");
    options.add("-Dcarafe.traces=" + System.getProperty("carafe.traces", "bench/traces"));
    options.addAll(jvmOptions);
    List<String> command =
        new ArrayList<>(
            ForkedJvm.command(
                contender, options, ForkMain.class, Histogram.class, NullMarked.class));
    command.add(ForkMain.class.getName());
    command.add(cell.json());
    return command;
  }

  private void read(Process process, Consumer<Map<String, Object>> figures) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        if (line.startsWith(ForkMain.RESULT)) {
          figures.accept(JsonLine.parse(line.substring(ForkMain.RESULT.length())));
        } else if (!line.startsWith("WARNING:")) {
          said.add(line);
          if (said.size() > REMEMBERED_LINES) {
            said.remove();
          }
        }
        line = lines.readLine();
      }
    } catch (IOException e) {
      // A killed process closes its pipe in the middle of a line.
      if (process.isAlive()) {
        throw e;
      }
    }
  }

  /** The first line that names an exception, and its cause. */
  private String reason(int status) {
    String cause = null;
    String first = null;
    for (String line : said) {
      if (line.startsWith("Caused by: ")) {
        cause = line;
      } else if (line.contains("Exception") || line.contains("Error")) {
        first = Objects.requireNonNullElse(first, line);
      }
    }
    String words = first == null ? said.isEmpty() ? "it said nothing" : said.getLast() : first;
    String all = cause == null ? words : words + "; " + cause;
    String prefix = status == 137 ? "killed (out of its memory bound?): " : "";
    return prefix + (all.length() > 400 ? all.substring(0, 400) + "…" : all);
  }
}
