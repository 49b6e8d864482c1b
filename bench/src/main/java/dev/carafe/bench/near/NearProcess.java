package dev.carafe.bench.near;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.bench.fork.Cell;
import dev.carafe.bench.fork.ForkMain;
import dev.carafe.bench.fork.Message;
import dev.carafe.contenders.near.NearContender;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.NullMarked;

/** A forked JVM of a contender, which waits before each step. Used by one thread. */
final class NearProcess implements AutoCloseable {
  /** A process that hangs ends after this time. */
  private static final long MOST_SECONDS = 900;

  private final Process process;
  private final BufferedReader output;
  private final Thread killer;
  private final List<String> said = new ArrayList<>();

  NearProcess(NearContender contender, Cell cell, List<String> jvmOptions) throws IOException {
    List<String> command =
        new ArrayList<>(
            contender.command(
                jvmOptions, List.of(ForkMain.class, Histogram.class, NullMarked.class)));
    command.add(ForkMain.class.getName());
    command.add(cell.encode());
    this.process = new ProcessBuilder(command).redirectErrorStream(true).start();
    this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    this.killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
    Thread.ofPlatform().daemon().start(this::endIfItHangs);
  }

  private void endIfItHangs() {
    try {
      if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits for the result of the step.
   *
   * @throws IOException if the process ends without one
   */
  Map<String, Object> result() throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(ForkMain.RESULT)) {
        return Message.decode(line.substring(ForkMain.RESULT.length()));
      }
      said.add(line);
    }
    throw new IOException("a process ended early: " + String.join(" | ", said));
  }

  /** Lets the process begin its next step, or end after the last one. */
  void next() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  /** Waits for the end of the process, after the last step. */
  void awaitEnd() throws IOException, InterruptedException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.add(line);
    }
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(
          "a process ended with status " + status + ": " + String.join(" | ", said));
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(killer);
    process.destroyForcibly();
  }
}
