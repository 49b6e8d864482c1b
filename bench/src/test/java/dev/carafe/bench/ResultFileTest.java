package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFileTest {
  @TempDir private Path folder = Path.of("");

  private static Map<String, Object> line(String type, String cell) {
    return Map.of("type", type, "cell", cell);
  }

  private ResultFile written() throws IOException {
    ResultFile file = new ResultFile(folder.resolve("results.jsonl"));
    file.add(Map.of("type", "run"));
    file.add(line("figures", "a"));
    file.add(line("done", "a"));
    file.add(line("figures", "b"));
    return file;
  }

  @Test
  void ignoresAnInterruptedCell() throws IOException {
    ResultFile file = written();
    assertEquals(Set.of("a"), file.doneCells());
    assertEquals(
        List.of("run", "figures", "done"),
        file.lines().stream().map(line -> line.get("type")).toList());
  }

  @Test
  void readsTheRepeatedCellOnce() throws IOException {
    ResultFile file = written();
    file.add(Map.of("type", "run"));
    file.add(line("figures", "b"));
    file.add(line("done", "b"));
    assertEquals(Set.of("a", "b"), file.doneCells());
    assertEquals(
        2, file.lines().stream().filter(each -> "figures".equals(each.get("type"))).count());
  }

  @Test
  void ignoresAnIncompleteLastLine() throws IOException {
    ResultFile file = written();
    Path path = folder.resolve("results.jsonl");
    Files.writeString(path, "{\"type\":\"done\",\"ce", StandardOpenOption.APPEND);
    assertEquals(Set.of("a"), file.doneCells());
    Files.writeString(path, "\n{\"type\":\"run\"}\n", StandardOpenOption.APPEND);
    assertThrows(IOException.class, file::doneCells);
  }
}
