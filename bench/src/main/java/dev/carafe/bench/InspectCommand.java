package dev.carafe.bench;

import dev.carafe.log.FileReport;
import dev.carafe.log.FileReport.CacheContents;
import dev.carafe.log.FileReport.Contents;
import dev.carafe.log.FileReport.Extent;
import dev.carafe.log.format.FormatVersion;
import dev.carafe.log.format.Mismatch;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code carafe inspect}: shows the structure of a file in the terms of docs/FORMAT.md. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description =
        "Shows the header, extents and records of a cache file, its live and dead bytes, and those"
            + " of each cache of a store. Does not change the file. If an application has the file"
            + " open, the result is a snapshot.")
final class InspectCommand implements Callable<Integer> {
  private static final int MAX_DAMAGE_LINES = 20;

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
    List<Mismatch> damage = new ArrayList<>();
    FileReport report = CacheFile.inspect(file, damage::add);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(Json.pretty(asMap(report)));
    } else {
      print(out, report);
      printDamage(out, damage);
    }
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, FileReport report) {
    printSummary(out, report);
    printCaches(out, report.caches());
    printExtents(out, report);
  }

  private static void printSummary(PrintWriter out, FileReport report) {
    Contents all = report.contents();
    line(out, "%s", report.path());
    line(
        out,
        "  header   version %d, id %016x, capacity %,d bytes",
        FormatVersion.CURRENT,
        report.header().fileId(),
        report.header().capacityBytes());
    line(
        out,
        "  file     %,d bytes: %d extents of %,d bytes",
        report.fileBytes(),
        report.header().extentCount(),
        report.header().extentBytes());
    line(
        out,
        "  codecs   key %s, value %s",
        named(report.header().codecs().key()),
        named(report.header().codecs().value()));
    if (report.isTruncated()) {
      line(out, "  truncated: %,d bytes, expected %,d", report.fileBytes(), report.expectedBytes());
    }
    line(out, "  log      %s", log(report));
    line(
        out,
        "  records  %,d in %,d bytes: %,d values, %,d tombstones, %,d clears, %,d tails",
        all.records(),
        all.recordBytes(),
        all.values(),
        all.tombstones(),
        all.clears(),
        all.tails());
    line(out, "  live     %,d values, %,d bytes", all.liveValues(), all.liveBytes());
    line(out, "  dead     %,d bytes", all.deadBytes());
  }

  private static void printCaches(PrintWriter out, List<CacheContents> caches) {
    if (caches.isEmpty()) {
      return;
    }
    line(
        out, "%6s %12s %12s  %s", "cache", "live", "live bytes", "name, codecs of keys and values");
    for (CacheContents cache : caches) {
      line(
          out,
          "%6d %12d %12d  %s, %s, %s",
          cache.number(),
          cache.liveValues(),
          cache.liveBytes(),
          named(cache.name()),
          named(cache.codecs().key()),
          named(cache.codecs().value()));
    }
  }

  private static void printDamage(PrintWriter out, List<Mismatch> damage) {
    if (!damage.isEmpty()) {
      line(out, "damaged places: %,d", damage.size());
    }
    for (Mismatch each : damage.subList(0, Math.min(MAX_DAMAGE_LINES, damage.size()))) {
      line(out, "  at byte %d expected %s, found %s", each.offset(), each.expected(), each.found());
    }
    if (damage.size() > MAX_DAMAGE_LINES) {
      line(out, "  …; the verify command lists all");
    }
  }

  private static void printExtents(PrintWriter out, FileReport report) {
    line(
        out,
        "%6s %14s %-7s %10s %10s %8s %8s %12s %12s",
        "slot",
        "offset",
        "state",
        "sequence",
        "synced",
        "records",
        "live",
        "live bytes",
        "dead bytes");
    for (Extent extent : report.extents()) {
      line(
          out,
          "%6d %14d %-7s %10d %10d %8d %8d %12d %12d%s",
          extent.slot(),
          extent.fileOffset(),
          extent.state(),
          extent.sequence(),
          extent.syncedSequence(),
          extent.contents().records(),
          extent.contents().liveValues(),
          extent.contents().liveBytes(),
          extent.contents().deadBytes(),
          extent.damagedPlaces() == 0 ? "" : "  damaged");
    }
  }

  /** A name on one line. */
  private static String named(String name) {
    return name.isEmpty() ? "(unnamed)" : name.replaceAll("\\p{Cntrl}", "?");
  }

  private static String log(FileReport report) {
    return report.lastSequence() < report.firstSequence()
        ? "empty"
        : "extents of sequence "
            + report.firstSequence()
            + " to "
            + report.lastSequence()
            + (report.isInUse()
                ? ", in use by a cache: a snapshot"
                : report.isClosedCleanly() ? ", closed in order" : ", not closed in order");
  }

  private static void line(PrintWriter out, String form, Object... values) {
    out.println(String.format(Locale.ROOT, form, values));
  }

  private static Map<String, Object> asMap(FileReport report) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("version", FormatVersion.CURRENT);
    header.put("fileId", String.format("%016x", report.header().fileId()));
    header.put("extentBytes", report.header().extentBytes());
    header.put("extentCount", report.header().extentCount());
    header.put("capacityBytes", report.header().capacityBytes());
    header.put("keyCodec", report.header().codecs().key());
    header.put("valueCodec", report.header().codecs().value());
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", report.path().toString());
    map.put("fileBytes", report.fileBytes());
    map.put("expectedBytes", report.expectedBytes());
    map.put("inUse", report.isInUse());
    map.put("closedInOrder", !report.isInUse() && report.isClosedCleanly());
    map.put("header", header);
    map.put("firstSequence", report.firstSequence());
    map.put("lastSequence", report.lastSequence());
    map.putAll(asMap(report.contents()));
    map.put("damagedPlaces", report.damagedPlaces());
    map.put("caches", report.caches().stream().map(InspectCommand::asMap).toList());
    map.put("extents", report.extents().stream().map(InspectCommand::asMap).toList());
    return map;
  }

  private static Map<String, Object> asMap(CacheContents cache) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("number", cache.number());
    map.put("name", cache.name());
    map.put("keyCodec", cache.codecs().key());
    map.put("valueCodec", cache.codecs().value());
    map.put("liveValues", cache.liveValues());
    map.put("liveBytes", cache.liveBytes());
    return map;
  }

  private static Map<String, Object> asMap(Extent extent) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("slot", extent.slot());
    map.put("offset", extent.fileOffset());
    map.put("state", extent.state().name());
    map.put("sequence", extent.sequence());
    map.put("syncedSequence", extent.syncedSequence());
    map.putAll(asMap(extent.contents()));
    map.put("damagedPlaces", extent.damagedPlaces());
    return map;
  }

  private static Map<String, Object> asMap(Contents contents) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("records", contents.records());
    map.put("values", contents.values());
    map.put("tombstones", contents.tombstones());
    map.put("clears", contents.clears());
    map.put("tails", contents.tails());
    map.put("recordBytes", contents.recordBytes());
    map.put("liveValues", contents.liveValues());
    map.put("liveBytes", contents.liveBytes());
    map.put("deadBytes", contents.deadBytes());
    return map;
  }
}
