package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code bench/carafe} runs on JDK 25 and on every newer one. */
class JdkSearchTest {
  /** Runs the functions of the script, and not its last lines, which build and start Java. */
  private static final String SEARCH =
      "eval \"$(sed -n '/^is_recent()/,/^}/p; /^find_jdk()/,/^}/p' carafe)\"; find_jdk";

  @TempDir Path jdk;

  @ParameterizedTest
  @ValueSource(strings = {"25", "25.0.3", "26-ea", "26.0.1", "30", "100"})
  void aJdkFrom25OnIsFound(String version) throws Exception {
    assertEquals(jdk.toString(), found(version));
  }

  @ParameterizedTest
  @ValueSource(strings = {"24.0.2", "17.0.1", "2.5", "1.8.0_425", "", "next"})
  void anOlderJdkIsPassedOver(String version) throws Exception {
    assertNotEquals(jdk.toString(), found(version));
  }

  @Test
  void aDirectoryWithoutJavaIsPassedOver() throws Exception {
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"26\"\n");
    assertNotEquals(jdk.toString(), search());
  }

  private String found(String version) throws Exception {
    Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
    Files.writeString(java, "");
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(
        jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    return search();
  }

  private String search() throws Exception {
    ProcessBuilder shell = new ProcessBuilder("bash", "-c", SEARCH).redirectErrorStream(true);
    shell.environment().put("JAVA25_HOME", jdk.toString());
    Process process = shell.start();
    try (var output = process.inputReader()) {
      String first = output.readLine();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      return String.valueOf(first);
    } finally {
      process.destroyForcibly();
    }
  }
}
