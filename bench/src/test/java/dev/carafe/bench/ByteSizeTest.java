package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "64k, 65536",
    "64kb, 65536",
    "1.5M, 1572864",
    "2g, 2147483648",
    "1t, 1099511627776",
    "5%, 50",
    "0.5%, 5",
  })
  void readsSizesAndPercentages(String text, long bytes) {
    assertEquals(bytes, ByteSize.parse(text).of(1000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "big", "5x", "-1m", "1..5k", "%"})
  void rejectsOtherText(String text) {
    CommandRun run = CommandRun.of("replay", "--memory", text);
    assertEquals(2, run.exitCode());
    String expected =
        "Invalid value for option '--memory': '"
            + text
            + "' is not a size: expected bytes such as 4096, 64k, 64m or 1g, or a percentage";
    assertTrue(run.err().contains(expected), run.err());
  }

  @Test
  void helpShowsDefaultValues() {
    String help = CommandRun.of("replay", "--help").out().replaceAll("\\s+", " ");
    assertTrue(help.contains("percentage of the unique bytes (5%)"), help);
    assertTrue(help.contains("in the same form (120%)"), help);
  }
}
