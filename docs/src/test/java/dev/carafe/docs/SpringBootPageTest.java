package dev.carafe.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The commands of SPRING-BOOT. The build has done what the first two do; a shell runs the others
 * with the packaged application, in a directory and on a port of their own.
 */
class SpringBootPageTest {
  private static final String PAGE = "docs/SPRING-BOOT.md";
  private static final String JAR = "docs/examples/spring-boot/target/shop.jar";
  private static final int MAX_COMMANDS = 10;

  /** What Prometheus reads for the dashboard. */
  private static final String SCRAPE =
      "curl -s localhost:8080/actuator/prometheus | grep '^carafe_'";

  @TempDir Path folder;

  private static List<String> commands() {
    Example block =
        Example.in("sh").stream()
            .filter(each -> each.place().startsWith(PAGE))
            .findFirst()
            .orElseThrow();
    return block.code().lines().toList();
  }

  private static List<String> searchPath() {
    return Arrays.asList(
        Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1));
  }

  private static boolean has(String program) {
    return searchPath().stream()
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void theCommandsAreFewAndBuildTheExample() {
    List<String> commands = commands();
    assertTrue(commands.size() <= MAX_COMMANDS, commands::toString);
    assertTrue(commands.get(0).contains("-pl integrations/spring-boot -am"), commands::toString);
    assertTrue(commands.get(1).contains("-f docs/examples/spring-boot "), commands::toString);
    assertEquals("java -jar " + JAR + " &", commands.get(2));
  }

  /** The first command compiles no tests, so it makes no test jar that a module could need. */
  @Test
  void theFirstCommandNeedsNoTestJar() {
    assertTrue(commands().get(0).contains("-Dmaven.test.skip=true"));
    for (Path pom : Tree.files("pom.xml")) {
      if (Tree.name(pom).startsWith("integrations/")) {
        assertFalse(Tree.read(pom).contains("<type>test-jar</type>"), Tree.name(pom));
      }
    }
  }

  @Test
  void theCacheIsWarmAfterARestart() throws Exception {
    Path packaged = Packaged.shopJar();
    assumeTrue(has("bash") && has("curl"), "skipped: no bash or no curl on the PATH");
    Path jar = folder.resolve(JAR);
    var _ = Files.createDirectories(jar.getParent());
    var _ = Files.copy(packaged, jar);
    int port = freePort();
    String script =
        commands().stream()
            .skip(2)
            .map(command -> command.startsWith("curl ") ? command + "; echo" : command)
            .collect(Collectors.joining("\n", "", "\n" + SCRAPE + "\nkill %1; wait\n"))
            .replace("localhost:8080", "localhost:" + port);
    List<String> lines = run(script, port).lines().filter(line -> !line.isEmpty()).toList();
    assertTrue(lines.size() > 4, lines::toString);
    assertTrue(lines.get(0).contains("\"title\":\"Book 1\""), lines::toString);
    assertEquals(lines.get(0), lines.get(1));
    assertEquals(
        "carafe_gets_total{cache=\"books\",result=\"hit\",tier=\"file\"} 1.0", lines.get(2));
    JsonNode health = JsonMapper.builder().build().readTree(lines.get(3));
    assertEquals("UP", health.get("status").asString());
    JsonNode carafe = health.get("components").get("carafe");
    assertEquals("OK", carafe.get("details").get("file").asString());
    assertTrue(Files.size(folder.resolve("shop.carafe")) > 0);
    assertTheDashboardHasData(lines.subList(4, lines.size()));
  }

  /** Of each meter that one hit in the file changes; a gauge of the store has a value anyway. */
  private static void assertTheDashboardHasData(List<String> scrape) {
    String dashboard =
        Tree.read(Tree.ROOT.resolve("integrations/micrometer/grafana-dashboard.json"));
    for (String name :
        List.of(
            "carafe_gets_total",
            "carafe_entries",
            "carafe_size_bytes",
            "carafe_capacity_bytes",
            "carafe_store_health",
            "carafe_store_entries",
            "carafe_store_size_bytes",
            "carafe_store_capacity_bytes",
            "carafe_store_memory_used_bytes",
            "carafe_store_additions_total",
            "carafe_store_file_read_bytes_total")) {
      assertTrue(dashboard.contains(name + "{"), name);
      assertTrue(
          scrape.stream()
              .filter(line -> line.startsWith(name + "{"))
              .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
              .anyMatch(value -> value > 0),
          () -> name + " is zero in " + scrape);
    }
  }

  /** Returns the output of the shell; that of the application is only what Java itself prints. */
  private String run(String script, int port) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder shell =
        new ProcessBuilder("bash", "-c", script)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    String java = Path.of(System.getProperty("java.home"), "bin").toString();
    shell
        .environment()
        .putAll(
            Map.of(
                "PATH",
                java + File.pathSeparator + String.join(File.pathSeparator, searchPath()),
                "SERVER_PORT",
                String.valueOf(port),
                "LOGGING_LEVEL_ROOT",
                "off",
                "SPRING_MAIN_BANNER_MODE",
                "off",
                "JDK_JAVA_OPTIONS",
                "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"));
    Process process = shell.start();
    boolean ended = process.waitFor(4, TimeUnit.MINUTES);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String said = Files.readString(out, UTF_8);
    String errors = Files.readString(err, UTF_8);
    assertTrue(ended, said + errors);
    assertFalse(errors.contains("WARNING"), errors);
    return said;
  }
}
