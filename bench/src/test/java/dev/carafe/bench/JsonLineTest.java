package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonLineTest {
  @Test
  void readsItsOwnOutput() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("text", "a \"quoted\" \\ line\nand </script> \u2028 ü");
    object.put("whole", -12L);
    object.put("real", 0.25);
    object.put("yes", true);
    object.put("list", List.of(1L, "two", List.of(), Map.of()));
    object.put("inner", Map.of("p99", 3.5));
    String line = JsonLine.of(object);
    assertFalse(line.contains("\n") || line.contains("</"), line);
    assertEquals(object, JsonLine.parse(line));
  }

  @Test
  void readsOtherFormatting() {
    assertEquals(
        Map.of("a", List.of(1e3, 2L), "b", Map.of()),
        JsonLine.parse(" { \"a\" : [ 1e3 , 2 ] , \"b\" : { } } "));
  }

  @Test
  void rejectsInvalidJson() {
    assertThrows(RuntimeException.class, () -> JsonLine.parse("{\"a\": 1"));
    assertThrows(IllegalArgumentException.class, () -> JsonLine.parse("{} {}"));
    assertThrows(IllegalArgumentException.class, () -> JsonLine.parse("{\"a\": x}"));
  }
}
