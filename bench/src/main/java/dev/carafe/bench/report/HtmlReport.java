package dev.carafe.bench.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.carafe.bench.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes an HTML page with the results, the chart library and the script. It needs no network. */
final class HtmlReport {
  private static final String ECHARTS =
      "/META-INF/resources/webjars/echarts/5.3.1/dist/echarts.min.js";

  private HtmlReport() {}

  static String of(ResultLines lines) throws IOException {
    List<Object> charts = new ArrayList<>();
    lines.charts().forEach(chart -> charts.add(chart.json()));
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("runs", lines.runs());
    page.put("overview", Overview.of(lines).stream().map(Overview.Row::json).toList());
    page.put("charts", charts);
    page.put("failures", lines.failures());
    page.put("raw", lines.figures());
    return resource("report.html")
        .replace("/*ECHARTS*/", resource(ECHARTS))
        .replace("/*SCRIPT*/", resource("report.js"))
        .replace("/*STYLE*/", resource("report.css"))
        .replace("/*RESULTS*/", Json.line(page).replace("<", "\\u003c"));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("resource " + name + " is missing from the class path");
      }
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
