package dev.carafe.bench.near;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.contenders.near.NearContenders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;
import picocli.CommandLine;

class NearRunTest {
  private static final NearScale ONE = scale(1);
  private static final NearScale TWO = scale(2);
  private static final List<String> QUICK_JVM =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final List<String> OTHERS =
      Boolean.getBoolean("carafe.test.soak") ? List.of("redis", "lettuce", "redisson") : List.of();

  @TempDir private Path folder = Path.of("");

  private static NearScale scale(int processes) {
    return new NearScale(processes, 1000, 1024, 1 << 20, 8 << 20, 200, 4000);
  }

  /**
   * Contenders in JVMs of their own, with their jars only, on a server that is started here. The
   * brief form has Carafe only, since each JVM takes seconds.
   */
  @Test
  void measuresContenders() throws Exception {
    List<NearFigures> figures = new ArrayList<>();
    try (RedisProcess server = start()) {
      NearRun one = new NearRun(server, ONE, folder, QUICK_JVM);
      for (String name : OTHERS) {
        figures.addAll(one.measure(NearContenders.find(name).orElseThrow(), 0, false));
      }
      NearRun two = new NearRun(server, TWO, folder, QUICK_JVM);
      figures.addAll(two.measure(NearContenders.find("carafe").orElseThrow(), 0, true));
    }
    assertEquals(OTHERS.size() + 2, figures.size());
    for (NearFigures each : figures) {
      assertEquals(0, each.count("wrong"), each::toString);
      assertTrue(each.micros("steady", "getMicros", "p50") > 0, each::toString);
      assertEquals(!each.contender().equals("redis"), each.nearRatio() > 0.3, each::toString);
    }
    for (NearFigures carafe : figures.subList(OTHERS.size(), figures.size())) {
      assertTrue(carafe.count("compared") > 500, carafe::toString);
      assertEquals(0, carafe.count("older") + carafe.count("stale"), carafe::toString);
      assertTrue(carafe.keptShare() > 0.8, carafe::toString);
    }
    NearTables tables = new NearTables(figures);
    assertEquals(List.of(), tables.failures());
    for (String name : OTHERS) {
      assertTrue(tables.reads().contains("| " + name + " |"), tables.reads());
      assertFalse(tables.restarts().contains("| " + name + " |"), tables.restarts());
    }
    assertTrue(tables.reads().contains("| carafe |"), tables.reads());
    assertTrue(tables.restarts().contains("| carafe |"), tables.restarts());
  }

  private RedisProcess start() throws InterruptedException {
    try {
      return RedisProcess.start(folder);
    } catch (IOException e) {
      throw new TestAbortedException(e.getMessage());
    }
  }

  @Test
  void reportsValuesThatMustNotBe() {
    Map<String, Object> counts = Map.of("wrong", 1L, "older", 2L, "stale", 3L);
    List<NearFigures> figures =
        List.of(
            new NearFigures("carafe", 0, 0, Map.of("compared", counts, "comparedAgain", counts)),
            new NearFigures("lettuce", 0, 0, Map.of("compared", counts)));
    assertEquals(
        List.of(
            "carafe: 2 wrong or missing values",
            "carafe: 4 older values",
            "carafe: 6 values that stayed stale",
            "lettuce: 1 wrong or missing values"),
        new NearTables(figures).failures());
  }

  @Test
  void saysWhetherTheTargetIsMet() {
    assertTrue(target(0.9, 0.86).endsWith("carafe: 0.956, met.\n"), target(0.9, 0.86));
    assertTrue(target(0.9, 0.85).endsWith("carafe: 0.944, missed.\n"), target(0.9, 0.85));
  }

  /** A reopened near cache with a fifth of its hits after a confirmation of the server. */
  private static String target(double before, double kept) {
    Map<String, Object> reopened =
        Map.of(
            "nearRatios", List.of(kept * 0.8, before), "confirmedRatios", List.of(kept * 0.2, 0.0));
    NearFigures figures =
        new NearFigures(
            "carafe", 0, 0, Map.of("steady", Map.of("nearRatio", before), "reopened", reopened));
    assertEquals(2, figures.hundredthsUntilTarget());
    return new NearTables(List.of(figures)).target();
  }

  @Test
  void rejectsUnknownArguments() {
    assertEquals(
        "unknown contender 'none', must be one of redis, lettuce, lettuce-map, carafe, redisson",
        messageOf("--contenders", "none"));
    assertEquals("--rounds is 0, must be at least 1", messageOf("--rounds", "0"));
  }

  private static String messageOf(String... words) {
    List<String> messages = new ArrayList<>();
    int status =
        new CommandLine(new NearCommand())
            .setExecutionExceptionHandler((error, line, parsed) -> {
              messages.add(String.valueOf(error.getMessage()));
              return 2;
            })
            .execute(words);
    assertEquals(2, status);
    return messages.getFirst();
  }
}
