package dev.carafe.bench;

import dev.carafe.bench.policy.PolicyCommand;
import dev.carafe.bench.report.CompareCommand;
import dev.carafe.bench.report.ReportCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code bench/carafe}. */
@Command(
    name = "carafe",
    mixinStandardHelpOptions = true,
    version = "carafe 0.1.0",
    description =
        "Replays traces through an embedded cache, inspects its file, and runs benchmarks.",
    subcommands = {
      ReplayCommand.class,
      PolicyCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      BenchCommand.class,
      ReportCommand.class,
      CompareCommand.class,
      TrainCommand.class
    })
public final class Main {
  private Main() {}

  /**
   * Runs a command. Exit status: 0 for success, 1 for a failed check or an error, 2 for bad usage.
   *
   * @param args a subcommand and its options
   */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String... args) {
    return commandLine().execute(args);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((error, line, parsed) -> {
          line.getErr().println("carafe: " + error.getMessage());
          return error instanceof IllegalArgumentException ? 2 : 1;
        });
  }
}
