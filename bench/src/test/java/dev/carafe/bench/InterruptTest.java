package dev.carafe.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A command that Ctrl-C interrupts deletes its temporary files. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptTest {
  private static final int SIGINT = 2;

  @TempDir private Path folder = Path.of("");

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Djava.io.tmpdir=" + folder);
    command.addAll(List.of("-Dcarafe.traces=traces", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void kill(Process process, String signal) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start();
    assertEquals(0, kill.waitFor());
  }

  /** A shell without job control starts background processes with SIGINT ignored. */
  private static boolean ignoresSigint() throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(each -> each.startsWith("SigIgn:"))
            .findFirst()
            .orElse("SigIgn: 0");
    long mask = Long.parseUnsignedLong(line.substring(line.indexOf(':') + 1).strip(), 16);
    return (mask & 1L << (SIGINT - 1)) != 0;
  }

  /**
   * Returns the files of the process. The library of LZ4 is not one of them: lz4-java deletes its
   * copy at exit, except if the signal arrives while it makes the copy.
   */
  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> !file.equals(folder))
          .filter(file -> !file.toString().contains("liblz4-java"))
          .toList();
    }
  }

  @Test
  void replayLeavesNoFile() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "skipped: needs Linux");
    boolean ignored = ignoresSigint();
    Process process = start("replay", "--quiet");
    try {
      while (files().stream().noneMatch(file -> file.endsWith("replay.carafe"))) {
        assertTrue(!process.waitFor(50, TimeUnit.MILLISECONDS), "the replay ended early");
      }
      kill(process, ignored ? "TERM" : "INT");
      assertEquals(128 + (ignored ? 15 : SIGINT), process.waitFor());
      assertEquals(List.of(), files());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void benchLeavesItsResultsOnly() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "skipped: needs Linux");
    boolean ignored = ignoresSigint();
    Path out = folder.resolve("results.jsonl");
    Process process = start("bench", "restart", "--contenders", "carafe-hybrid", "--out", "" + out);
    try {
      while (files().stream().noneMatch(file -> file.endsWith("bench.carafe"))) {
        assertTrue(!process.waitFor(50, TimeUnit.MILLISECONDS), "the benchmark ended early");
      }
      kill(process, ignored ? "TERM" : "INT");
      assertEquals(128 + (ignored ? 15 : SIGINT), process.waitFor());
      assertEquals(List.of(out), files());
      assertTrue(Files.readString(out, UTF_8).startsWith("{\"type\":\"run\""));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
