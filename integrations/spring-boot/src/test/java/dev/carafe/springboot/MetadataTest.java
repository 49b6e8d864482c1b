package dev.carafe.springboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.springboot.CarafeProperties.CacheSettings;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The metadata that IDEs complete properties from, and the table of the docs. */
final class MetadataTest {
  private static final Pattern HUMP = Pattern.compile("(?<=[a-z])(?=[A-Z])");
  private static final Pattern ROW =
      Pattern.compile("^\\| `(carafe\\.[^`]+)` \\| [^|]+ \\|(.*)\\|$", Pattern.MULTILINE);
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ".")).resolve("../../docs/SPRING-BOOT.md");

  private static JsonNode metadata() throws Exception {
    String name = "/META-INF/spring-configuration-metadata.json";
    try (InputStream in =
        Objects.requireNonNull(CarafeProperties.class.getResourceAsStream(name), name)) {
      return JsonMapper.builder().build().readTree(in);
    }
  }

  @Test
  void eachPropertyHasADescriptionAndItsDefault() throws Exception {
    Map<String, JsonNode> described = new TreeMap<>();
    metadata().get("properties").forEach(each -> described.put(each.get("name").asString(), each));
    Set<String> expected = new TreeSet<>();
    add(expected, "carafe.", CarafeProperties.class);
    add(expected, "carafe.defaults.", CacheSettings.class);
    expected.remove("carafe.defaults");
    assertEquals(expected, described.keySet());
    Map<String, String> namesByText = new TreeMap<>();
    described.forEach((name, property) -> {
      String text = property.path("description").asString("");
      assertTrue(text.length() > 20, name);
      assertEquals(null, namesByText.put(text, name), name + ": " + text);
    });
    Map<String, String> defaults = new TreeMap<>();
    described.forEach(
        (name, property) -> defaults.put(name, property.path("defaultValue").asString("")));
    assertEquals("64MB", defaults.get("carafe.memory"));
    assertEquals("10s", defaults.get("carafe.persist-within"));
    assertEquals("skip-damaged", defaults.get("carafe.recovery"));
  }

  private static void add(Set<String> names, String prefix, Class<?> type) {
    for (RecordComponent component : type.getRecordComponents()) {
      names.add(
          prefix + HUMP.matcher(component.getName()).replaceAll("-").toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void theTableOfTheDocsHasEachPropertyAndItsDefault() throws Exception {
    Map<String, String> documented = new TreeMap<>();
    ROW.matcher(Files.readString(PAGE))
        .results()
        .forEach(row -> documented.put(row.group(1), row.group(2).strip()));
    Set<String> names = new TreeSet<>();
    metadata()
        .get("properties")
        .forEach(property -> {
          String name = property.get("name").asString().replace(".defaults.", ".caches.NAME.");
          names.add(name);
          JsonNode value = property.path("defaultValue");
          String text =
              value.isArray()
                  ? value.values().stream().map(JsonNode::asString).collect(Collectors.joining(","))
                  : value.asString("");
          String cell = documented.getOrDefault(name, "");
          assertTrue(text.isEmpty() || cell.equals("`" + text + "`"), name + ": " + cell);
        });
    names.remove("carafe.caches");
    assertEquals(names, documented.keySet());
  }

  @Test
  void theCodecsHaveHints() throws Exception {
    Set<String> names = new TreeSet<>();
    metadata().get("hints").forEach(hint -> names.add(hint.get("name").asString()));
    assertEquals(
        Set.of("carafe.defaults.key-codec", "carafe.defaults.value-codec", "spring.cache.type"),
        names);
  }
}
