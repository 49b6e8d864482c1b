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

/** Compares every checksum of a file. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description =
        "Compares every checksum of a cache's file: file header, extent headers, directories, and"
            + " all records of the log. Exits with 0 if the file is sound; with 1 if it is not, and"
            + " then prints each place that does not verify. The file stays as it is.")
final class VerifyCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE", description = "a cache's file, not in use")
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
            "%s: sound, %,d records in %,d extents verify%n",
            file, report.contents().records(), report.lastSequence() - report.firstSequence() + 1);
        return 0;
      }
      out.printf("%s: %,d places do not verify%n", file, damaged);
    } catch (DamagedFileException e) { // its header: nothing else can be told
      out.println(e.getMessage());
    } finally {
      out.flush();
    }
    return 1;
  }
}
