package dev.carafe.bench;

import dev.carafe.bench.policy.CurveCommand;
import dev.carafe.bench.policy.PolicyCommand;
import dev.carafe.bench.report.CompareCommand;
import dev.carafe.bench.report.ReportCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code bench/carafe}. */
@Command(
    name = "carafe",
    mixinStandardHelpOptions = true,
    versionProvider = Commands.Version.class,
    description =
        "Replays traces through an embedded cache, inspects, verifies and copies its file, and runs"
            + " benchmarks.",
    subcommands = {
      SizeCommand.class,
      ReplayCommand.class,
      PolicyCommand.class,
      CurveCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      BackupCommand.class,
      BenchCommand.class,
      ReportCommand.class,
      CompareCommand.class,
      TrainCommand.class,
      CommandLine.HelpCommand.class
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
    return Commands.of(new Main());
  }
}
