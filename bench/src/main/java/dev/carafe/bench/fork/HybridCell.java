package dev.carafe.bench.fork;

import dev.carafe.bench.fork.ForkMain.Lines;
import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Store;
import java.util.Map;

/**
 * More data than memory, the rest in a file: filled, closed, opened cold, driven. What is steady is
 * measured after a warm-up, for a new process still compiles for some seconds.
 */
final class HybridCell {
  private static final double ZIPF = 0.9;

  private HybridCell() {}

  /** Not bounded: what is measured is how much is written, and how long it takes to be there. */
  static void fill(Cell cell, Lines lines) throws Exception {
    Contender contender = ForkMain.contender(cell);
    Figures filling = Figures.start("fill");
    try (Store store = contender.open(ForkMain.sizing(cell))) {
      fill(cell, store, 2);
      store.flush();
    }
    Map<String, Object> filled = filling.end(cell.number("entries"));
    filled.put("payloadBytes", cell.number("entries") * cell.number("valueBytes"));
    lines.say(filled);
  }

  /** A file that is there already, nothing of it in the page cache, all memory bounded. */
  static void drive(Cell cell, Lines lines) throws Exception {
    Contender contender = ForkMain.contender(cell);
    long opening = System.nanoTime();
    try (Store store = contender.open(ForkMain.sizing(cell))) {
      double openMillis = (System.nanoTime() - opening) / 1e6;
      Load load =
          new Load(
              store,
              new ZipfKeys(cell.number("entries"), ZIPF),
              cell.count("valueBytes"),
              cell.number("round") + 1,
              1L << 40);
      Map<String, Object> cold = load.timedLoop("cold", Mix.READS_90, 2, cell.real("seconds"));
      cold.put("openMillis", openMillis);
      lines.say(cold);
      for (int threads : new int[] {2, 8}) {
        lines.say(sized(load.warmTimedLoop(cell, "steady", Mix.READS_90, threads)));
      }
      for (long rate = cell.number("lowestRate"); rate <= cell.number("highestRate"); rate *= 4) {
        lines.say(load.fixedRate("rate", Mix.READS_90, 4, cell.real("rateSeconds"), rate));
      }
    }
  }

  private static Map<String, Object> sized(Map<String, Object> figures) {
    figures.put("rssBytes", ProcessFigures.rssBytes());
    figures.put("mappedRssBytes", ProcessFigures.mappedRssBytes());
    figures.put("peakRssBytes", ProcessFigures.peakRssBytes());
    return figures;
  }

  private static void fill(Cell cell, Store store, int threads) throws InterruptedException {
    long entries = cell.number("entries");
    int bytes = cell.count("valueBytes");
    Thread[] fillers = new Thread[threads];
    Throwable[] failed = new Throwable[1];
    for (int i = 0; i < threads; i++) {
      int first = i;
      fillers[i] =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, error) -> failed[0] = error)
              .start(() -> {
                byte[] value = Stamp.blank(bytes, first);
                for (long key = first; key < entries; key += threads) {
                  Stamp.put(value, key, 0);
                  store.put(key, value, bytes);
                }
              });
    }
    for (Thread filler : fillers) {
      filler.join();
    }
    if (failed[0] != null) {
      throw new IllegalStateException("it failed while it was filled", failed[0]);
    }
  }
}
