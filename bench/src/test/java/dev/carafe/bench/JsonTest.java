package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class JsonTest {
  @Test
  void readsItsOwnOutput() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("text", "a \"quoted\" \\ line\nand </script> \u2028 ü");
    object.put("whole", -12L);
    object.put("real", 0.25);
    object.put("yes", true);
    object.put("list", List.of(1L, "two", List.of(), Map.of()));
    object.put("inner", Map.of("p99", 3.5));
    String line = Json.line(object);
    assertFalse(line.contains("\n"), line);
    assertEquals(object, Json.parse(line));
  }

  @Test
  void readsOtherFormatting() {
    assertEquals(
        Map.of("a", List.of(1e3, 2L), "b", Map.of()),
        Json.parse(" { \"a\" : [ 1e3 , 2 ] , \"b\" : { } } "));
  }

  @Test
  void indentsByTwoSpaces() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("a", List.of(1, Map.of("b", 2.5)));
    object.put("empty", List.of());
    object.put("none", Map.of());
    object.put("undefined", Double.NaN);
    assertEquals(
        """
        {
          "a": [
            1,
            {
              "b": 2.5
            }
          ],
          "empty": [],
          "none": {},
          "undefined": null
        }
        """,
        Json.pretty(object));
  }

  @Test
  void rejectsInvalidJson() {
    assertThrows(JacksonException.class, () -> Json.parse("{\"a\": 1"));
    assertThrows(JacksonException.class, () -> Json.parse("{} {}"));
    assertThrows(JacksonException.class, () -> Json.parse("{\"a\": x}"));
  }
}
