package dev.carafe.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code carafe report RESULTS}: writes the page and the tables of a result file. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description =
        "Writes an HTML page with charts and a Markdown file with tables from a result file of"
            + " carafe bench.")
public final class ReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RESULTS", description = "a result file of carafe bench")
  private Path results = Path.of("");

  @Option(names = "--html", description = "the HTML page; default: RESULTS.html")
  private @Nullable Path html;

  @Option(names = "--markdown", description = "the tables; default: RESULTS.md")
  private @Nullable Path markdown;

  @Option(
      names = "--charts",
      description = "directory for the charts as SVG files; needs Chromium on the PATH")
  private @Nullable Path charts;

  /** Creates the command. */
  public ReportCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    ResultLines lines = ResultLines.read(results);
    String stem = results.toString().replaceFirst("\\.jsonl$", "");
    Path page = Objects.requireNonNullElse(html, Path.of(stem + ".html"));
    Path tables = Objects.requireNonNullElse(markdown, Path.of(stem + ".md"));
    Files.writeString(page, HtmlReport.of(lines));
    String pictures = "";
    if (charts != null) {
      drawn(page, charts);
      Path folder = Objects.requireNonNull(tables.toAbsolutePath().normalize().getParent());
      pictures = folder.relativize(charts.toAbsolutePath().normalize()).toString();
    }
    String command = "bench/carafe report " + results.getFileName();
    Files.writeString(tables, MarkdownReport.of(lines, command, pictures));
    System.out.println(page + "\n" + tables);
    return 0;
  }

  private static void drawn(Path page, Path folder) throws IOException, InterruptedException {
    Path browser =
        HeadlessBrowser.find()
            .orElseThrow(() ->
                new IllegalStateException("--charts needs Chromium, and none is on the PATH"));
    Files.createDirectories(folder);
    try (HeadlessBrowser open = HeadlessBrowser.open(browser, page)) {
      Map<String, String> pictures = open.pictures();
      for (Map.Entry<String, String> picture : pictures.entrySet()) {
        Files.writeString(folder.resolve(picture.getKey() + ".svg"), picture.getValue());
      }
      System.out.println(folder + ": " + pictures.size() + " charts");
    }
  }
}
