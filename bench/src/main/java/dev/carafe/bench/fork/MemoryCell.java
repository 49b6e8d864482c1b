package dev.carafe.bench.fork;

import dev.carafe.bench.GcPauses;
import dev.carafe.bench.Zipf;
import dev.carafe.bench.fork.ForkMain.ResultWriter;
import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Store;
import dev.carafe.contenders.Trait;
import java.util.List;
import java.util.Map;

/** The cells of stores without a file. */
final class MemoryCell {
  private static final double ZIPF = 0.99;

  private MemoryCell() {}

  /** The overhead of the benchmark, measured with an empty contender. */
  static void overhead(Cell cell, ResultWriter results) throws Exception {
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      Load load = load(cell, store);
      Map<String, Object> figures = load.warmClosedLoop(cell, "overhead", Mix.READS_90, 1);
      double rate = ((Number) figures.getOrDefault("opsPerSecond", 1.0)).doubleValue();
      figures.put("overheadNanos", 1e9 / rate);
      // the empty contender returns no values to check
      figures.keySet().removeAll(List.of("hits", "hitRatio", "wrong"));
      results.write(figures);
    }
  }

  /** Hits with all entries in memory: with one and two threads, with and without a copy. */
  static void hits(Cell cell, ResultWriter results) throws Exception {
    Contender contender = ForkMain.contender(cell);
    long heapBefore = GcPauses.heapBytes();
    ProcessFigures.Resident before = ProcessFigures.resident();
    try (Store store = contender.open(ForkMain.sizing(cell))) {
      results.write(fill(cell, store, heapBefore, before));
      Load load = load(cell, store);
      settle(cell, load, Mix.READS);
      results.write(load.warmClosedLoop(cell, "get", Mix.READS, 1));
      results.write(load.warmClosedLoop(cell, "get", Mix.READS, 2));
      if (contender.is(Trait.VISITS)) {
        for (int visitors = cell.count("fewestVisitors"); visitors <= 2; visitors++) {
          results.write(load.warmClosedLoop(cell, "visit", Mix.VISITS, visitors));
        }
      }
      results.write(load.warmClosedLoop(cell, "mixed", Mix.READS_90, 2));
      for (long rate = cell.number("lowestRate"); rate <= cell.number("highestRate"); rate *= 4) {
        results.write(load.fixedRate("rate", Mix.READS_90, 2, cell.real("rateSeconds"), rate));
      }
    }
  }

  private static Load load(Cell cell, Store store) {
    return new Load(
        store,
        new Zipf(cell.count(cell.has("keys") ? "keys" : "entries"), ZIPF),
        cell.count("valueBytes"),
        cell.number("round") + 1,
        1L << 40);
  }

  private static Map<String, Object> fill(
      Cell cell, Store store, long heapBefore, ProcessFigures.Resident before) {
    Figures figures = Figures.start("fill");
    int bytes = cell.count("valueBytes");
    long entries = cell.number("entries");
    byte[] value = Stamp.randomValue(bytes, 1);
    for (long key = 0; key < entries; key++) {
      Stamp.put(value, key, 0);
      store.put(key, value, bytes);
    }
    Map<String, Object> ended = figures.end(entries);
    long heap = GcPauses.heapBytes() - heapBefore;
    ProcessFigures.Resident after = ProcessFigures.resident();
    ended.put("entries", store.entries() < 0 ? entries : store.entries());
    ended.put("heapBytesPerEntry", (double) heap / entries);
    ended.put("rssBytesPerEntry", (double) (after.bytes() - before.bytes()) / entries);
    ended.put(
        "rssBeyondHeapBytesPerEntry",
        (double) (after.beyondHeapBytes() - before.beyondHeapBytes()) / entries);
    ended.put("rssBytes", after.bytes());
    return ended;
  }

  /**
   * More data than memory, with the same total memory for all contenders: hit ratio, throughput,
   * and the cost of new keys.
   */
  static void bounded(Cell cell, ResultWriter results) throws Exception {
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      // every key once, so that memory is full independent of the speed
      byte[] value = Stamp.randomValue(cell.count("valueBytes"), 1);
      for (long key = 0; key < cell.number("keys"); key++) {
        Stamp.put(value, key, 0);
        store.put(key, value, cell.count("valueBytes"));
      }
      Load load = load(cell, store);
      settle(cell, load, Mix.LOOK_ASIDE);
      Map<String, Object> hits =
          load.closedLoop("look-aside", Mix.LOOK_ASIDE, 2, cell.real("seconds"));
      hits.put("rssBytes", ProcessFigures.rssBytes());
      hits.put("peakRssBytes", ProcessFigures.peakRssBytes());
      results.write(hits);
      Map<String, Object> fresh = load.warmTimedLoop(cell, "fresh puts", Mix.FRESH_WRITES, 2);
      fresh.put("peakRssBytes", ProcessFigures.peakRssBytes());
      results.write(fresh);
    }
  }

  /**
   * Runs operations until the policy, and not the fill, determines the cached entries. The cell
   * limits the number of operations.
   */
  private static void settle(Cell cell, Load load, Mix mix) {
    long operations = 0;
    for (int i = 0;
        i < cell.number("settleWarmUps") && operations < cell.number("settleOperations");
        i++) {
      operations += Load.warmUp(cell, seconds -> load.closedLoop("warmup", mix, 2, seconds));
    }
  }

  /** GC pauses and heap with many entries in the cache. */
  static void gc(Cell cell, ResultWriter results) throws Exception {
    long heapBefore = GcPauses.heapBytes();
    ProcessFigures.Resident before = ProcessFigures.resident();
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      results.write(fill(cell, store, heapBefore, before));
      Load load = load(cell, store);
      Map<String, Object> held = load.warmTimedLoop(cell, "held", Mix.READS_90, 2);
      held.put("entries", cell.number("entries"));
      held.put("peakRssBytes", ProcessFigures.peakRssBytes());
      results.write(held);
    }
  }
}
