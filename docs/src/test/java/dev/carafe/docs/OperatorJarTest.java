package dev.carafe.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code carafe.jar}: complete, small, and each command runs from it alone. What a command does in
 * each case is tested without the jar, by the tests of {@code bench}.
 */
class OperatorJarTest {
  private static final long MAX_BYTES = 10_000_000;

  @TempDir Path folder;
  private Path jar = Path.of("");
  private Path file = Path.of("");

  /** A command that has ended. */
  private record Run(int status, String out, String err) {
    JsonNode json() {
      assertEquals(0, status, err);
      return JsonMapper.builder().build().readTree(out);
    }
  }

  @BeforeEach
  void write() {
    jar = Packaged.operatorJar();
    file = folder.resolve("cache.carafe");
    try (Carafe<String, byte[]> cache =
        Carafe.newBuilder()
            .keyCodec(Codec.utf8())
            .valueCodec(Codec.bytes())
            .memory(1 << 20)
            .file(file, 4 << 20)
            .build()) {
      for (int i = 0; i < 100; i++) {
        cache.put("key " + i, new byte[1000]);
      }
    }
  }

  private Run run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "still running");
    return new Run(process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }

  @Test
  void theJarIsSmallAndHoldsNoBenchmark() throws IOException {
    assertTrue(Files.size(jar) < MAX_BYTES, Files.size(jar) + " bytes");
    try (JarFile opened = new JarFile(jar.toFile())) {
      List<String> foreign =
          opened.stream()
              .map(entry -> entry.getName())
              .filter(name ->
                  name.startsWith("org/openjdk/")
                      || name.startsWith("dev/carafe/contenders")
                      || name.startsWith("dev/carafe/bench/core"))
              .toList();
      assertEquals(List.of(), foreign);
      var manifest = Objects.requireNonNull(opened.getManifest()).getMainAttributes();
      assertEquals("ALL-UNNAMED", manifest.getValue("Enable-Native-Access"));
      assertEquals("true", manifest.getValue("Multi-Release"));
      for (String licence :
          List.of("META-INF/LICENSE", "META-INF/NOTICE", "META-INF/THIRD-PARTY")) {
        assertTrue(opened.getEntry(licence) != null, licence);
      }
    }
  }

  @Test
  void noClassOfTheCommandsIsMissing() {
    ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    var _ = jdeps.run(out, out, "--multi-release", "25", "--missing-deps", jar.toString());
    List<String> missing =
        said.toString().lines().map(String::strip).filter(OperatorJarTest::isNeeded).toList();
    assertEquals(List.of(), missing);
  }

  /** The engine names Chronicle's classes, which are optional. */
  private static boolean isNeeded(String line) {
    return line.startsWith("dev.carafe") && !line.contains("-> net.openhft.");
  }

  @Test
  void fileCommandsRun() throws Exception {
    Run version = run("--version");
    assertTrue(version.out().startsWith("carafe 0."), version.out());
    assertEquals("", version.err());
    assertTrue(run().out().contains("backup"));
    assertEquals(100, run("inspect", "--json", "" + file).json().get("liveValues").asInt());
    Path copy = folder.resolve("copy.carafe");
    Run backup = run("backup", "" + file, "" + copy);
    assertEquals(0, backup.status(), backup.err());
    Run verify = run("verify", "" + copy);
    assertEquals(0, verify.status(), verify.out());
    assertTrue(verify.out().contains("closed in order"), verify.out());
    assertEquals("", verify.err());
    try (var cut = Files.newByteChannel(copy, java.nio.file.StandardOpenOption.WRITE)) {
      cut.truncate(Files.size(copy) - 1);
    }
    Run damaged = run("verify", "" + copy);
    assertEquals(1, damaged.status());
    assertTrue(damaged.out().contains("the file was truncated"), damaged.out());
  }

  @Test
  void traceCommandsRun() throws Exception {
    Path trace = Tree.ROOT.resolve("bench/traces/lirs_multi3.csv.gz");
    JsonNode policies = run("policy", "--json", "--limit", "2000", "" + trace).json();
    assertEquals(1, policies.get("traces").size());
    Run replay = run("replay", "--json", "--quiet", "--limit", "2000", "" + trace);
    assertEquals(0, replay.json().get("wrong").asInt());
    assertEquals(2000, replay.json().get("requests").asInt());
    assertEquals("", replay.err());
    assertEquals(2, run("replay").status(), "the jar has no trace");
  }

  @Test
  void reportRuns() throws Exception {
    Path results = folder.resolve("r.jsonl");
    Files.writeString(results, "{\"type\":\"run\",\"contenders\":[]}\n");
    Run report = run("report", "" + results);
    assertEquals(0, report.status(), report.err());
    assertTrue(Files.readString(folder.resolve("r.html")).contains("echarts"));
  }
}
