package dev.carafe.bench.versus;

import dev.carafe.bench.fork.Cell;
import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Trait;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Expands suites, rounds and contenders to cells. Rounds are interleaved. */
final class Plan {
  /** The suites by name, with a description of each. */
  static final Map<String, String> SUITES = suites();

  private static final double START_SECONDS = 2.5;

  private final Scale scale;
  private final List<Contender> contenders;
  private final long availableBytes;
  private final List<Cell> cells = new ArrayList<>();

  private Plan(Scale scale, List<Contender> contenders, long availableBytes) {
    this.scale = scale;
    this.contenders = contenders;
    this.availableBytes = availableBytes;
  }

  private static Map<String, String> suites() {
    Map<String, String> suites = new LinkedHashMap<>();
    suites.put(
        "memory", "hits, read/write mixes, latency at fixed rates, and more data than memory");
    suites.put("gc", "GC pauses and heap with many entries in the cache");
    suites.put("trace", "real traces and synthetic workloads: hit ratio by memory size");
    suites.put("hybrid", "more data than memory, the rest in a file, with limited page cache");
    suites.put("restart", "a clean close and a cold reopen in a new process");
    suites.put("crash", "SIGKILL during writes, then a check of every key");
    return suites;
  }

  /** Returns the cells of the selected suites in the order in which they run. */
  static List<Cell> of(
      Set<String> suites, Scale scale, int rounds, List<Contender> contenders, long available) {
    Plan plan = new Plan(scale, contenders, available);
    for (int round = 0; round < rounds; round++) {
      for (String suite : suites) {
        switch (suite) {
          case "memory" -> plan.memory(round);
          case "gc" -> plan.gc(round);
          case "trace" -> plan.trace(round);
          case "hybrid" -> plan.hybrid(round);
          case "restart" -> plan.files("restart", "reopen-4k", round);
          case "crash" -> plan.files("crash", "kill-4k", round);
          default ->
              throw new IllegalArgumentException(
                  "unknown suite '" + suite + "', expected one of " + SUITES.keySet());
        }
      }
    }
    return List.copyOf(plan.cells);
  }

  private void each(Predicate<Contender> takesPart, java.util.function.Consumer<Contender> then) {
    contenders.stream().filter(takesPart).forEach(then);
  }

  private static Map<String, Object> cell(
      String suite, String workload, Contender contender, int round) {
    Map<String, Object> cell = new LinkedHashMap<>();
    cell.put("suite", suite);
    cell.put("workload", workload);
    cell.put("contender", contender.name());
    cell.put("round", (long) round);
    return cell;
  }

  private void add(Map<String, Object> cell, String kind, double expectedSeconds) {
    cell.put("kind", kind);
    cell.put("expectedSeconds", expectedSeconds + START_SECONDS);
    cells.add(new Cell(cell));
  }

  private static void memory(Map<String, Object> cell, MemoryPlan plan) {
    cell.put("heapBytes", plan.heapBytes());
    cell.put("memoryBytes", plan.storeBytes());
  }

  private static boolean inMemory(Contender contender) {
    return !contender.is(Trait.FILE) && !contender.name().equals("nothing");
  }

  private void memory(int round) {
    each(
        contender -> contender.name().equals("nothing"),
        contender -> {
          Map<String, Object> cell = cell("memory", "overhead", contender, round);
          memory(cell, new MemoryPlan(256L << 20, 1 << 20));
          sized(cell, scale.hitsBytes / 1024, 1024);
          add(cell, "overhead", 5 * scale.seconds);
        });
    hits(round);
    each(
        contender -> inMemory(contender) && contender.is(Trait.EVICTS),
        contender -> {
          Map<String, Object> cell = cell("memory", "bounded-1k", contender, round);
          MemoryPlan plan = MemoryPlan.withinTotal(contender, scale.boundedTotalBytes, 1024);
          memory(cell, plan);
          sized(cell, plan.storeBytes() / 1024, 1024);
          long keys = 2 * scale.boundedTotalBytes / 1024;
          cell.put("keys", keys);
          settled(cell, 5, 2 * keys);
          cell.put("totalBytes", scale.boundedTotalBytes);
          add(cell, "bounded", 6 * scale.seconds);
        });
  }

  private void hits(int round) {
    for (int valueBytes : scale.hitsValueBytes()) {
      long entries = scale.hitsBytes / valueBytes;
      each(
          contender -> inMemory(contender) && fits(contender, entries, valueBytes),
          contender -> {
            String size = valueBytes < 1024 ? valueBytes + "b" : valueBytes / 1024 + "k";
            Map<String, Object> cell = cell("memory", "hits-" + size, contender, round);
            memory(cell, MemoryPlan.forAllEntries(contender, entries, valueBytes));
            sized(cell, entries, valueBytes);
            settled(cell, 12, scale == Scale.FULL ? 2 * entries : 0);
            cell.put("fewestVisitors", scale == Scale.FULL ? 1L : 2L);
            rates(cell, 50_000, scale == Scale.FULL ? 800_000 : 200_000);
            add(cell, "hits", 10 * scale.seconds + 3 * scale.rateSeconds + entries / 300_000.0);
          });
    }
  }

  private boolean fits(Contender contender, long entries, int valueBytes) {
    MemoryPlan plan = MemoryPlan.forAllEntries(contender, entries, valueBytes);
    long storeBytes = contender.is(Trait.HEAP) ? 0 : plan.storeBytes();
    return storeBytes + plan.heapBytes() < availableBytes * 3 / 4;
  }

  private void sized(Map<String, Object> cell, long entries, int valueBytes) {
    cell.put("entries", entries);
    cell.put("valueBytes", (long) valueBytes);
    cell.put("seconds", scale.seconds);
    cell.put("warmupSeconds", 1.25 * scale.seconds);
    cell.put("warmupMostSeconds", scale.warmupMost * scale.seconds);
  }

  private static void settled(Map<String, Object> cell, long warmUps, long operations) {
    cell.put("settleWarmUps", warmUps);
    cell.put("settleOperations", operations);
  }

  private void rates(Map<String, Object> cell, long lowest, long highest) {
    cell.put("rateSeconds", scale.rateSeconds);
    cell.put("lowestRate", lowest);
    cell.put("highestRate", highest);
  }

  private void gc(int round) {
    int valueBytes = 512;
    for (long entries : scale.heldEntries()) {
      each(
          contender -> inMemory(contender) && fits(contender, entries, valueBytes),
          contender -> {
            Map<String, Object> cell = cell("gc", "held-" + format(entries), contender, round);
            memory(cell, MemoryPlan.forAllEntries(contender, entries, valueBytes));
            sized(cell, entries, valueBytes);
            cell.put("seconds", 3 * scale.seconds);
            add(cell, "gc", 5 * scale.seconds + entries / 300_000.0);
          });
    }
  }

  private static String format(long entries) {
    return entries % 1_000_000 == 0 ? entries / 1_000_000 + "m" : entries / 1000 + "k";
  }

  private void trace(int round) {
    for (TraceReplay replay : TraceReplay.of(scale)) {
      each(
          contender ->
              contender.is(Trait.FILE)
                  ? replay.withFiles() && !contender.name().equals("mapdb-file-tx")
                  : contender.is(Trait.EVICTS) && !contender.name().equals("ohc-chunked"),
          contender -> {
            Map<String, Object> cell = cell("trace", replay.workload(), contender, round);
            cell.put("heapBytes", scale == Scale.FULL ? 3L << 30 : 1L << 30);
            cell.putAll(replay.fields());
            cell.put("needsDirectory", contender.is(Trait.FILE));
            add(cell, "trace", replay.expectedSeconds());
          });
    }
  }

  /** All contenders get the same total memory. */
  private void hybrid(int round) {
    each(
        contender -> contender.is(Trait.FILE) && !contender.name().equals("mapdb-file-tx"),
        contender -> {
          Map<String, Object> cell = cell("hybrid", "zipf-4k", contender, round);
          memory(
              cell,
              MemoryPlan.withFileWithinTotal(
                  contender, scale.hybridTotalBytes, scale.hybridMemoryBytes, scale.hybridEntries));
          sized(cell, scale.hybridEntries, 4096);
          cell.put("seconds", 2.5 * scale.seconds);
          cell.put("warmupSeconds", 4 * scale.seconds);
          cell.put("warmupMostSeconds", (scale.warmupMost + 2) * scale.seconds);
          cell.put("fileBytes", 3L * scale.hybridEntries * 4096);
          cell.put("totalBytes", scale.hybridTotalBytes);
          cell.put("limitBytes", scale.hybridTotalBytes);
          cell.put("needsDirectory", true);
          rates(cell, 1000, scale == Scale.FULL ? 16_000 : 4_000);
          add(cell, "hybrid", 14 * scale.seconds + 2 * scale.rateSeconds + 6);
        });
  }

  private void files(String suite, String workload, int round) {
    long entries = scale.reopenedEntries;
    each(
        contender -> contender.is(Trait.PERSISTS),
        contender -> {
          Map<String, Object> cell = cell(suite, workload, contender, round);
          memory(cell, MemoryPlan.withFile(contender, scale.hybridMemoryBytes, entries));
          sized(cell, entries, 4096);
          cell.put("heapBytes", 512L << 20);
          cell.put("fileBytes", 4L * entries * 4096);
          cell.put("needsDirectory", true);
          add(cell, suite, 6);
        });
  }
}
