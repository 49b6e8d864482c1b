package dev.carafe.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Io;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The documentation and the dashboard have the names of the meters, and no others. */
final class MetricNamesTest {
  private static final Path DOCS = Path.of("..", "..", "docs", "INTEGRATIONS.md");
  private static final Path DASHBOARD = Path.of("grafana-dashboard.json");
  private static final Pattern METRIC = Pattern.compile("\\bcarafe_\\w+");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^(carafe_\\w+)\\{([^}]*)}");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");
  private static final Pattern USED_LABEL = Pattern.compile("(\\w+)=~?\"|\\{\\{(\\w+)}}");
  private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\)");

  @TempDir Path directory;

  private void bind(MeterRegistry registry) {
    FileOptions file = FileOptions.at(directory.resolve("c"), 1 << 20).withIo(Io.CHANNEL);
    try (var cache =
        Carafe.newBuilder()
            .keyCodec(Codec.int64())
            .valueCodec(Codec.utf8())
            .memory(1 << 20)
            .file(file)
            .build()) {
      var _ = CarafeMetrics.monitor(registry, cache, "pages");
    }
    FileOptions shared = FileOptions.at(directory.resolve("s"), 1 << 20).withIo(Io.CHANNEL);
    try (CarafeStore store = CarafeStore.newBuilder().memory(1 << 20).file(shared).build()) {
      var _ = CarafeStoreMetrics.monitor(registry, store, "app");
    }
  }

  /** One line for each name: name, type, unit, tags with their values, description. */
  private static String row(String name, List<Meter> meters) {
    Meter.Id id = meters.getFirst().getId();
    Map<String, Set<String>> tags = new TreeMap<>();
    for (Meter meter : meters) {
      for (Tag tag : meter.getId().getTags()) {
        tags.computeIfAbsent(tag.getKey(), key -> new TreeSet<>()).add(tag.getValue());
      }
    }
    tags.keySet().removeAll(Set.of("cache", "store"));
    String tagged =
        tags.entrySet().stream()
            .map(tag -> "`" + tag.getKey() + "`: " + String.join(", ", tag.getValue()))
            .collect(Collectors.joining("; "));
    String type = id.getType().name().toLowerCase(Locale.ROOT);
    String unit = id.getBaseUnit() == null ? "" : id.getBaseUnit();
    return String.join(" | ", "| `" + name + "`", type, unit, tagged, id.getDescription() + " |");
  }

  @Test
  void theTableOfTheDocsHasEachMeter() throws IOException {
    MeterRegistry registry = new SimpleMeterRegistry();
    bind(registry);
    String expected =
        registry.getMeters().stream()
            .collect(
                Collectors.groupingBy(
                    meter -> meter.getId().getName(), TreeMap::new, Collectors.toList()))
            .entrySet()
            .stream()
            .map(named -> row(named.getKey(), named.getValue()))
            .collect(Collectors.joining("\n"));
    String documented =
        Files.readAllLines(DOCS).stream()
            .filter(line -> line.startsWith("| `carafe."))
            .collect(Collectors.joining("\n"));
    assertEquals(expected, documented, "the table of meters in docs/INTEGRATIONS.md");
  }

  /** The labels of each metric as Prometheus gets them. */
  private Map<String, Set<String>> scraped() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    bind(registry);
    Map<String, Set<String>> labels = new TreeMap<>();
    Matcher samples = SAMPLE.matcher(registry.scrape());
    while (samples.find()) {
      Set<String> known = labels.computeIfAbsent(samples.group(1), name -> new TreeSet<>());
      LABEL.matcher(samples.group(2)).results().forEach(label -> known.add(label.group(1)));
    }
    return labels;
  }

  @Test
  void theDashboardAsksForWhatPrometheusGets() throws IOException {
    Map<String, Set<String>> scraped = scraped();
    Set<String> asked = new TreeSet<>();
    JsonNode dashboard = JsonMapper.builder().build().readTree(DASHBOARD.toFile());
    for (JsonNode panel : dashboard.get("panels")) {
      for (JsonNode target : panel.get("targets")) {
        String query = target.get("expr").asString();
        Set<String> labels = new TreeSet<>();
        for (String metric : METRIC.matcher(query).results().map(m -> m.group()).toList()) {
          assertTrue(scraped.containsKey(metric), () -> metric + " of " + query);
          asked.add(metric);
          labels.addAll(scraped.getOrDefault(metric, Set.of()));
        }
        for (String label : usedLabels(query + target.get("legendFormat").asString())) {
          assertTrue(labels.contains(label), () -> label + " of " + query);
        }
      }
    }
    assertEquals(scraped.keySet(), asked, "each metric has a place on the dashboard");
  }

  private static Set<String> usedLabels(String query) {
    Set<String> used = new TreeSet<>();
    USED_LABEL
        .matcher(query)
        .results()
        .forEach(found -> used.add(found.group(1) == null ? found.group(2) : found.group(1)));
    GROUPING
        .matcher(query)
        .results()
        .forEach(found -> used.addAll(List.of(found.group(1).split(", "))));
    return used;
  }
}
