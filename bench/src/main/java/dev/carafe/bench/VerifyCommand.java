package dev.carafe.bench;

import dev.carafe.DamagedFileException;
import dev.carafe.log.FileReport;
import dev.carafe.log.format.Mismatch;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carafe verify}: checks every checksum of a file. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description =
        "Checks every checksum of a cache file: file header, extent headers, directories and"
            + " records. Prints each damaged place with its offset, expected and found, and whether"
            + " the file was closed in order. Exits with 0 if the file is sound, with 1 if it is"
            + " damaged or cut. Does not change the file. If an application has the file open, the"
            + " result is a snapshot: what is being written is not checked.")
final class VerifyCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "a cache file; an application may have it open")
  private Path file = Path.of("");

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<Map<String, Object>> places = new ArrayList<>();
    FileReport report = null;
    try {
      report = CacheFile.inspect(file, damage -> show(out, exceptionOf(damage), places));
    } catch (DamagedFileException e) { // the file header: the extents can't be located
      show(out, e, places);
    }
    if (json) {
      out.print(Json.pretty(asMap(report, places)));
    } else if (report != null) {
      print(out, report);
    }
    out.flush();
    return report != null && report.damagedPlaces() == 0 ? 0 : 1;
  }

  private DamagedFileException exceptionOf(Mismatch damage) {
    return new DamagedFileException(file, damage.offset(), damage.expected(), damage.found());
  }

  private void show(
      PrintWriter out, DamagedFileException damage, List<Map<String, Object>> places) {
    if (json) {
      Map<String, Object> place = new LinkedHashMap<>();
      place.put("offset", damage.offset());
      place.put("message", String.valueOf(damage.getMessage()));
      places.add(place);
    } else {
      out.println(damage.getMessage());
    }
  }

  private void print(PrintWriter out, FileReport report) {
    if (report.damagedPlaces() > 0) {
      line(out, "%s: %,d damaged places", file, report.damagedPlaces());
    } else {
      line(
          out,
          "%s: sound, %,d records in %,d extents verified",
          file,
          report.contents().records(),
          report.lastSequence() - report.firstSequence() + 1);
    }
    line(out, "%s: %s, %s", file, closing(report), length(report));
  }

  private static String closing(FileReport report) {
    if (report.isInUse()) {
      return "in use by a cache, a snapshot; newest sequence " + report.lastSequence();
    }
    if (report.lastSequence() < report.firstSequence()) {
      return "without a record";
    }
    return (report.isClosedCleanly()
            ? "closed in order"
            : "not closed in order: the process ended before close, or the file is from a copy of a"
                + " file in use")
        + "; newest sequence "
        + report.lastSequence();
  }

  private static String length(FileReport report) {
    long more = report.fileBytes() - report.expectedBytes();
    return more == 0
        ? "length as when closed"
        : String.format(
            Locale.ROOT,
            "%,d bytes %s than when closed",
            Math.abs(more),
            more < 0 ? "shorter" : "longer");
  }

  private static void line(PrintWriter out, String form, Object... values) {
    out.println(String.format(Locale.ROOT, form, values));
  }

  private Map<String, Object> asMap(@Nullable FileReport report, List<Map<String, Object>> places) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", file.toString());
    map.put("sound", report != null && report.damagedPlaces() == 0);
    if (report != null) {
      map.put("inUse", report.isInUse());
      map.put("closedInOrder", !report.isInUse() && report.isClosedCleanly());
      map.put("newestSequence", report.lastSequence());
      map.put("extents", report.lastSequence() - report.firstSequence() + 1);
      map.put("records", report.contents().records());
      map.put("fileBytes", report.fileBytes());
      map.put("expectedBytes", report.expectedBytes());
    }
    map.put("damage", places);
    return map;
  }
}
