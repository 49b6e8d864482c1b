package dev.carafe.bench.fork;

import dev.carafe.bench.GcWatch;
import dev.carafe.bench.fork.ForkMain.Lines;
import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Store;
import dev.carafe.contenders.Trait;
import java.util.List;
import java.util.Map;

/** Cells without a file. */
final class MemoryCell {
  private static final double ZIPF = 0.99;

  private MemoryCell() {}

  /** What the benchmark costs itself, with a contender that does nothing. */
  static void overhead(Cell cell, Lines lines) throws Exception {
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      Load load = load(cell, store);
      Map<String, Object> figures = load.warmClosedLoop(cell, "overhead", Mix.READS_90, 1);
      double rate = ((Number) figures.getOrDefault("opsPerSecond", 1.0)).doubleValue();
      figures.put("overheadNanos", 1e9 / rate);
      // Nothing was read, so nothing is right or wrong.
      figures.keySet().removeAll(List.of("hits", "hitRatio", "wrong"));
      lines.say(figures);
    }
  }

  /** All entries fit: what a hit costs, alone and together, copied and not. */
  static void hits(Cell cell, Lines lines) throws Exception {
    Contender contender = ForkMain.contender(cell);
    long heapBefore = GcWatch.heapBytes();
    ProcessFigures.Resident before = ProcessFigures.resident();
    try (Store store = contender.open(ForkMain.sizing(cell))) {
      lines.say(fill(cell, store, heapBefore, before));
      Load load = load(cell, store);
      settle(cell, load, Mix.READS);
      lines.say(load.warmClosedLoop(cell, "get", Mix.READS, 1));
      lines.say(load.warmClosedLoop(cell, "get", Mix.READS, 2));
      if (contender.is(Trait.VISITS)) {
        for (int visitors = cell.count("fewestVisitors"); visitors <= 2; visitors++) {
          lines.say(load.warmClosedLoop(cell, "visit", Mix.VISITS, visitors));
        }
      }
      lines.say(load.warmClosedLoop(cell, "mixed", Mix.READS_90, 2));
      for (long rate = cell.number("lowestRate"); rate <= cell.number("highestRate"); rate *= 4) {
        lines.say(load.fixedRate("rate", Mix.READS_90, 2, cell.real("rateSeconds"), rate));
      }
    }
  }

  private static Load load(Cell cell, Store store) {
    long entries = cell.number("entries");
    return new Load(
        store,
        new ZipfKeys(cell.has("keys") ? cell.number("keys") : entries, ZIPF),
        cell.count("valueBytes"),
        cell.number("round") + 1,
        1L << 40);
  }

  private static Map<String, Object> fill(
      Cell cell, Store store, long heapBefore, ProcessFigures.Resident before) {
    Figures figures = Figures.start("fill");
    int bytes = cell.count("valueBytes");
    long entries = cell.number("entries");
    byte[] value = Stamp.blank(bytes, 1);
    for (long key = 0; key < entries; key++) {
      Stamp.put(value, key, 0);
      store.put(key, value, bytes);
    }
    Map<String, Object> ended = figures.end(entries);
    long heap = GcWatch.heapBytes() - heapBefore;
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
   * More data than memory, all contenders with as much memory in total: how much of it serves hits,
   * how fast, and what new keys cost.
   */
  static void bounded(Cell cell, Lines lines) throws Exception {
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      // Every key once, so that it is full however slow the machine is.
      byte[] value = Stamp.blank(cell.count("valueBytes"), 1);
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
      lines.say(hits);
      Map<String, Object> fresh = load.warmTimedLoop(cell, "fresh puts", Mix.FRESH_WRITES, 2);
      fresh.put("peakRssBytes", ProcessFigures.peakRssBytes());
      lines.say(fresh);
    }
  }

  /**
   * Until what is held follows from the policy, not from the fill, and what is popular was read;
   * but not for ever.
   */
  private static void settle(Cell cell, Load load, Mix mix) {
    long operations = 0;
    for (int i = 0;
        i < cell.number("settleWarmUps") && operations < cell.number("settleOperations");
        i++) {
      operations += Load.warmUp(cell, seconds -> load.closedLoop("warmup", mix, 2, seconds));
    }
  }

  /** Many entries held: what the collector's pauses and the heap are then. */
  static void gc(Cell cell, Lines lines) throws Exception {
    long heapBefore = GcWatch.heapBytes();
    ProcessFigures.Resident before = ProcessFigures.resident();
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      lines.say(fill(cell, store, heapBefore, before));
      Load load = load(cell, store);
      Map<String, Object> held = load.warmTimedLoop(cell, "held", Mix.READS_90, 2);
      held.put("entries", cell.number("entries"));
      held.put("peakRssBytes", ProcessFigures.peakRssBytes());
      lines.say(held);
    }
  }
}
