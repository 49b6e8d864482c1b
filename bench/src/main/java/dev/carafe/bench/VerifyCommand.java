package dev.carafe.bench;

import dev.carafe.DamagedFileException;
import dev.carafe.log.FileReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carafe verify}: checks every checksum of a file. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description =
        "Checks every checksum of a cache file: file header, extent headers, directories and"
            + " records. Prints each damaged place with its offset, expected and found. Exits with"
            + " 0 if the file is sound, with 1 if it is damaged. Does not change the file.")
final class VerifyCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "a cache file that no process has open")
  private Path file = Path.of("");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      FileReport report =
          CacheFile.inspect(
              file,
              damage ->
                  out.println(
                      new DamagedFileException(
                              file, damage.offset(), damage.expected(), damage.found())
                          .getMessage()));
      long damaged = report.damagedPlaces();
      if (damaged == 0) {
        out.printf(
            "%s: sound, %,d records in %,d extents verified%n",
            file, report.contents().records(), report.lastSequence() - report.firstSequence() + 1);
        return 0;
      }
      out.printf("%s: %,d damaged places%n", file, damaged);
    } catch (
        DamagedFileException e) { // the file header is damaged, so the extents can't be located
      out.println(e.getMessage());
    } finally {
      out.flush();
    }
    return 1;
  }
}
