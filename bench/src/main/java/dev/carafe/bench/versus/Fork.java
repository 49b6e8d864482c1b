package dev.carafe.bench.versus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.bench.fork.Cell;
import dev.carafe.bench.fork.ForkMain;
import dev.carafe.bench.fork.Message;
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

/** A forked JVM of one contender. */
final class Fork {
  private static final int MAX_OUTPUT_LINES = 40;

  /**
   * Limits the malloc arenas of glibc. With one arena per thread, free memory of one arena is not
   * available to other threads. RocksDB used about 40 MiB of 400 MiB more without the limit.
   */
  private static final String MALLOC_ARENAS = "MALLOC_ARENA_MAX";

  private final Cell cell;
  private final List<String> jvmOptions;
  private final Deque<String> outputTail = new ArrayDeque<>();

  /** The reported results, and the reason of a failure. */
  record Outcome(List<Map<String, Object>> figures, @Nullable String failure) {}

  Fork(Cell cell, List<String> jvmOptions) {
    this.cell = cell;
    this.jvmOptions = jvmOptions;
  }

  /** Runs the JVM until it exits, at most {@code deadlineSeconds} seconds. */
  Outcome run(@Nullable MemoryCgroup bound, double deadlineSeconds)
      throws IOException, InterruptedException {
    return run(bound, deadlineSeconds, (process, line) -> {});
  }

  /** Receives each line of results while the process runs. */
  interface ResultListener {
    void onResult(Process process, Map<String, Object> figures);
  }

  Outcome run(@Nullable MemoryCgroup bound, double deadlineSeconds, ResultListener listener)
      throws IOException, InterruptedException {
    List<String> command = command();
    ProcessBuilder builder = new ProcessBuilder(bound == null ? command : bound.wrap(command));
    builder.redirectErrorStream(true);
    builder.environment().put(MALLOC_ARENAS, "2");
    Process process = builder.start();
    Thread killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
    AtomicBoolean timedOut = new AtomicBoolean();
    Thread watchdog =
        Thread.ofPlatform().daemon().start(() -> killAt(process, deadlineSeconds, timedOut));
    List<Map<String, Object>> figures = new ArrayList<>();
    read(
        process,
        line -> {
          figures.add(line);
          listener.onResult(process, line);
        });
    int status = process.waitFor();
    watchdog.interrupt();
    Runtime.getRuntime().removeShutdownHook(killer);
    if (timedOut.get()) {
      return new Outcome(figures, "timed out after %.0f s".formatted(deadlineSeconds));
    }
    return new Outcome(figures, status == 0 ? null : reason(status));
  }

  private static void killAt(Process process, double deadlineSeconds, AtomicBoolean timedOut) {
    try {
      if (!process.waitFor((long) (deadlineSeconds * 1000), TimeUnit.MILLISECONDS)) {
        timedOut.set(true);
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      // the process exited before the deadline
    }
  }

  /** Whether the class path consists of jars only, as the JDK's AOT cache requires. */
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
    command.add(cell.encode());
    return command;
  }

  private void read(Process process, Consumer<Map<String, Object>> figures) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        if (line.startsWith(ForkMain.RESULT)) {
          figures.accept(Message.decode(line.substring(ForkMain.RESULT.length())));
        } else if (!line.startsWith("WARNING:")) {
          outputTail.add(line);
          if (outputTail.size() > MAX_OUTPUT_LINES) {
            outputTail.remove();
          }
        }
        line = lines.readLine();
      }
    } catch (IOException e) {
      // a killed process closes its pipe in the middle of a line
      if (process.isAlive()) {
        throw e;
      }
    }
  }

  /** Returns the first line of the output that names an exception, and its cause. */
  private String reason(int status) {
    String cause = null;
    String first = null;
    for (String line : outputTail) {
      if (line.startsWith("Caused by: ")) {
        cause = line;
      } else if (line.contains("Exception") || line.contains("Error")) {
        first = Objects.requireNonNullElse(first, line);
      }
    }
    String words =
        first == null ? outputTail.isEmpty() ? "no output" : outputTail.getLast() : first;
    String all = cause == null ? words : words + "; " + cause;
    String prefix = status == 137 ? "killed by SIGKILL, possibly by the memory limit: " : "";
    return prefix + (all.length() > 400 ? all.substring(0, 400) + "…" : all);
  }
}
