package dev.carafe.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs all jcstress tests in separate processes: a short mode in each build, all compiler
 * combinations in the soak run.
 */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StressTest {
  private static final Pattern SUMMARY =
      Pattern.compile("(\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs");

  @TempDir Path directory;

  @Test
  void noTestHasAForbiddenResult() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("org.openjdk.jcstress.Main", "-c", "2", "-r", directory.toString()));
    command.addAll(
        Soak.ON
            ? List.of("-m", "quick")
            : List.of(
                "-m", "quick", "-sc", "false", "-iters", "1", "-time", "100", "-f", "1", "-fsm",
                "1"));
    command.addAll(List.of("-jvmArgs", "--enable-native-access=ALL-UNNAMED"));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    MatchResult last = SUMMARY.matcher(output).results().reduce((a, b) -> b).orElseThrow();
    int passed = Integer.parseInt(last.group(1));
    assertTrue(passed > 0, output);
    for (int wrong = 2; wrong <= 4; wrong++) {
      assertEquals("0", last.group(wrong), output);
    }
    Record.add("jcstress runs passed", passed);
  }
}
