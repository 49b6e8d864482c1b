package dev.carafe.bench.core;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The number format of tables: no exponents, milliseconds for long times. */
class TablesTest {
  @Test
  void numbersHaveNoExponents() {
    String tables =
        Tables.of(
            List.of(
                figure("short", "ns/op", 22.617),
                figure("thousands", "ns/op", 12_421),
                figure("long", "ns/op", 1.1463e9),
                figure("rate", "ops/ms", 431_512)),
            "short");
    for (String shown : List.of(" 22.62 ", " 12,421 ", " 1,146 ", " ms/op ", " 431,512 ")) {
      assertTrue(tables.contains(shown), shown + " is not in " + tables);
    }
    assertFalse(tables.contains("e+"), tables);
  }

  private static Figure figure(String contender, String unit, double score) {
    return new Figure("one", contender, score, score, score, unit, true, 0, Map.of());
  }
}
