package dev.carafe.bench;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/**
 * What both command lines have in common. Exit status: 0 for success, 1 for a failed check or an
 * error, 2 for bad usage. An error is one line on standard error.
 */
final class Commands {
  private Commands() {}

  /**
   * Creates a command line.
   *
   * @param top an object with a {@link Command} annotation
   */
  static CommandLine of(Object top) {
    return new CommandLine(top)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((error, arguments) -> badUsage(error))
        .setExecutionExceptionHandler((error, line, parsed) -> failed(error, line));
  }

  private static int badUsage(ParameterException error) {
    CommandLine line = error.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    line.getErr().println("carafe: " + error.getMessage());
    line.getErr().println("carafe: '" + name + " --help' lists what it takes");
    line.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Exception error, CommandLine line) {
    line.getErr().println("carafe: " + words(error));
    line.getErr().flush();
    boolean badUsage =
        error instanceof IllegalArgumentException || error instanceof NoSuchFileException;
    return badUsage ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
  }

  /** What went wrong. The message of some exceptions of the JDK is only a path. */
  private static String words(Exception error) {
    return switch (error) {
      case NoSuchFileException e -> e.getFile() + " does not exist";
      case AccessDeniedException e -> e.getFile() + " can't be accessed: permission denied";
      case FileNotFoundException e -> String.valueOf(e.getMessage());
      case FileSystemException e -> String.valueOf(e.getMessage());
      case IOException e -> orName(e);
      default -> orName(error);
    };
  }

  private static String orName(Exception error) {
    return Objects.requireNonNullElse(error.getMessage(), error.getClass().getSimpleName());
  }

  /** The version in the manifest of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Commands.class.getPackage().getImplementationVersion();
      return new String[] {
        "carafe " + Objects.requireNonNullElse(version, "(not built as a jar)"),
        "Java " + System.getProperty("java.vm.version") + ", " + System.getProperty("os.name")
      };
    }
  }
}
