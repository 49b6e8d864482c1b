package dev.carafe.contenders;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs {@link SmokeCheck} for each contender in a forked JVM. */
@NullMarked
class ContendersTest {
  static Stream<String> names() {
    return Contenders.list().stream().map(Contender::name);
  }

  @ParameterizedTest
  @MethodSource("names")
  void passesTheSmokeCheck(String name, @TempDir Path folder) throws Exception {
    Contender contender = Contenders.find(name).orElseThrow();
    List<String> command =
        new ArrayList<>(
            ForkedJvm.command(
                contender,
                List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                NullMarked.class));
    command.addAll(List.of(SmokeCheck.class.getName(), name, folder.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), name + " is still running");
    assertEquals(0, process.exitValue(), said);
    assertTrue(said.contains("runs"), said);
  }

  @Test
  void classPathHasNoOtherContender() throws Exception {
    String path =
        ForkedJvm.classPath(Contenders.find("ehcache-offheap").orElseThrow(), NullMarked.class);
    assertTrue(path.contains("ehcache"), path);
    for (String other : List.of("caffeine-", "rocksdbjni", "infinispan-core", "carafe-engine")) {
      assertTrue(!path.contains(other), other + " is in " + path);
    }
  }

  @Test
  void versionIsThatOfTheJar() throws Exception {
    String version = ForkedJvm.version(Contenders.find("rocksdb").orElseThrow());
    assertTrue(version.matches("rocksdbjni-[0-9.]+"), version);
  }
}
