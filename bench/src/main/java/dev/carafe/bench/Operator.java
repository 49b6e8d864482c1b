package dev.carafe.bench;

import dev.carafe.bench.policy.PolicyCommand;
import dev.carafe.bench.report.ReportCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of {@code carafe.jar}: what an operator of an application needs. */
@Command(
    name = "carafe",
    mixinStandardHelpOptions = true,
    versionProvider = Commands.Version.class,
    description =
        "Inspects, verifies and copies the files of embedded caches, also while an application uses"
            + " them, and shows what a size of memory and file would give.",
    footer = "Exit status: 0 for success, 1 for a failed check or an error, 2 for bad usage.",
    subcommands = {
      InspectCommand.class,
      VerifyCommand.class,
      BackupCommand.class,
      SizeCommand.class,
      ReplayCommand.class,
      PolicyCommand.class,
      ReportCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Operator {
  private Operator() {}

  /**
   * Runs a command and exits.
   *
   * @param args a subcommand and its options
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args.length == 0 ? new String[] {"help"} : args));
  }

  static CommandLine commandLine() {
    return Commands.of(new Operator());
  }
}
