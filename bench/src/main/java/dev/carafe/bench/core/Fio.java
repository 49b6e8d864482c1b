package dev.carafe.bench.core;

import dev.carafe.bench.core.IoRounds.IoSample;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * fio, the flexible I/O tester, with io_uring, registered buffers, a registered file and O_DIRECT.
 * It must be on the PATH; the Debian package is fio.
 */
final class Fio {
  private Fio() {}

  /** Options for a run of {@code seconds} seconds. */
  static String[] lasting(double seconds, String... more) {
    List<String> options = new ArrayList<>(List.of(more));
    options.add("--runtime=" + Math.round(seconds * 1000) + "ms");
    options.add("--time_based");
    return options.toArray(String[]::new);
  }

  /** Whether fio is installed. */
  static boolean isPresent() {
    try {
      return new ProcessBuilder("fio", "--version").start().onExit().join().exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Runs fio once.
   *
   * @param file the file to read or write, in its whole length
   * @param pattern randread, read or write
   * @param blockBytes the size of each transfer
   * @param depth the number of transfers in flight
   * @param extra additional options for duration or size
   */
  static IoSample run(Path file, String pattern, int blockBytes, int depth, String... extra)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "fio",
                "--name=carafe",
                "--filename=" + file,
                "--rw=" + pattern,
                "--bs=" + blockBytes,
                "--iodepth=" + depth,
                "--ioengine=io_uring",
                "--fixedbufs=1",
                "--registerfiles=1",
                "--direct=1",
                "--norandommap",
                "--randrepeat=0",
                "--thread",
                "--output-format=json"));
    command.addAll(List.of(extra));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("fio exited with status " + process.exitValue() + ": " + output);
    }
    String side = pattern.contains("read") ? "read" : "write";
    int from = output.indexOf("\"" + side + "\" : {");
    double iops = number(output, from, "\"iops\" : ([0-9.]+)");
    double runtimeNanos = number(output, from, "\"runtime\" : ([0-9]+)") * 1e6;
    double total = number(output, from, "\"total_ios\" : ([0-9]+)");
    double cpuShare =
        (number(output, 0, "\"usr_cpu\" : ([0-9.]+)")
                + number(output, 0, "\"sys_cpu\" : ([0-9.]+)"))
            / 100;
    return new IoSample(iops, cpuShare * runtimeNanos / Math.max(1, total));
  }

  private static double number(String text, int from, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find(Math.max(0, from)) ? Double.parseDouble(matcher.group(1)) : 0;
  }
}
