package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command line of {@code carafe.jar}: help, and errors in one line. */
final class OperatorTest {
  private static final List<String> COMMANDS =
      List.of("inspect", "verify", "backup", "size", "replay", "policy", "report", "help");

  @TempDir Path directory;

  private static CommandRun run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Operator.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int exitCode = line.execute(args);
    return new CommandRun(exitCode, out.toString(), err.toString());
  }

  @Test
  void helpListsTheCommands() {
    CommandRun help = run("help");
    assertEquals(0, help.exitCode());
    for (String command : COMMANDS) {
      assertTrue(help.out().contains("\n  " + command + " "), help.out());
      assertEquals(0, run("help", command).exitCode());
    }
    assertEquals(Set.copyOf(COMMANDS), Operator.commandLine().getSubcommands().keySet());
    assertTrue(run("--version").out().startsWith("carafe "));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "replay --memory 64x, '64x' is not a size: expected bytes such as 4096; 64k; 64m or 1g",
        "replay --memory -1, '-1' is not a size",
        "replay --io fast, --io is 'fast': expected auto",
        "replay /nowhere/trace.csv, TRACE /nowhere/trace.csv is not a file",
        "replay --threads 0, must be positive",
        "replay --threads many, many",
        "policy, give at least one TRACE",
        "policy /nowhere/trace.csv, /nowhere/trace.csv does not exist",
        "report /nowhere/results.jsonl, /nowhere/results.jsonl",
        "inspect, FILE",
        "inspect /nowhere/file, FILE /nowhere/file does not exist",
        "verify --fast x, --fast",
        "repair x, repair",
      })
  void badUsageIsOneSentenceAndStatusTwo(String arguments, String words) {
    CommandRun run = run(arguments.split(" "));
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(words.replace(';', ',')), run.err());
    assertTrue(run.err().lines().count() <= 2, run.err());
    assertTrue(!run.err().contains("Exception"), run.err());
  }
}
