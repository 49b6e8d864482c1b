package dev.carafe.bench.versus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.bench.ResultFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VersusCommandTest {
  @TempDir private Path folder = Path.of("");

  private int run(String... words) {
    return new CommandLine(new VersusCommand())
        .setExecutionExceptionHandler((error, line, parsed) -> 2)
        .execute(words);
  }

  @Test
  void measuresOverheadAndContinuesARun() throws IOException {
    Path out = folder.resolve("results.jsonl");
    String[] words = {"memory", "--contenders", "nothing", "--out", out.toString()};
    assertEquals(0, run(words));
    List<Map<String, Object>> lines = new ResultFile(out).lines();
    Map<String, Object> figures =
        lines.stream().filter(line -> "figures".equals(line.get("type"))).findFirst().orElseThrow();
    assertTrue(figures.get("overheadNanos") instanceof Double nanos && nanos > 0, "" + figures);
    assertEquals(0, run(words));
    assertEquals(lines.size() + 1, new ResultFile(out).lines().size(), "only a run line was added");
  }

  @Test
  void rejectsUnknownArguments() {
    assertEquals(2, run("memory", "--contenders", "unknown"));
    assertEquals(2, run("nonsense", "--out", folder.resolve("x.jsonl").toString()));
    assertEquals(2, run("--quick", "--full"));
  }
}
