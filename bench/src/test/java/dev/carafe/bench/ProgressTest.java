package dev.carafe.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The progress bar stays in one line of the terminal. */
class ProgressTest {
  @ParameterizedTest
  @ValueSource(ints = {40, 60, 80, 200})
  void barFitsTheTerminal(int columns) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, UTF_8);
        Progress progress = Progress.bar("replay", 306_157, out, () -> columns)) {
      progress.step(306_000);
      progress.show(" memory/hits-1k/infinispan-offheap/0 with a long name");
    }
    String text = bytes.toString(UTF_8);
    assertTrue(text.endsWith(System.lineSeparator()), text);
    assertEquals(text.length() - System.lineSeparator().length(), text.indexOf('\n'), text);
    List<String> drawn = List.of(text.strip().split("\r", -1));
    assertTrue(drawn.getLast().startsWith("replay  99% ["), text);
    for (String bar : drawn) {
      assertTrue(bar.length() < columns, bar.length() + " columns of " + columns + ": " + bar);
    }
  }
}
