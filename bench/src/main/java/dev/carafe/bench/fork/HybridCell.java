package dev.carafe.bench.fork;

import dev.carafe.bench.Zipf;
import dev.carafe.bench.fork.ForkMain.ResultWriter;
import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Store;
import java.util.Map;

/**
 * More data than memory, with the rest in a file. One process fills and closes the store, another
 * opens it with a cold page cache and runs the load. The steady phase follows a warm-up, because
 * the JIT compiler works for some seconds in a new process.
 */
final class HybridCell {
  private static final double ZIPF = 0.9;

  private HybridCell() {}

  /**
   * Fills without a memory limit. Measures the bytes written and the time until they are flushed.
   */
  static void fill(Cell cell, ResultWriter results) throws Exception {
    Contender contender = ForkMain.contender(cell);
    Figures filling = Figures.start("fill");
    try (Store store = contender.open(ForkMain.sizing(cell))) {
      fill(cell, store, 2);
      store.flush();
    }
    Map<String, Object> filled = filling.end(cell.number("entries"));
    filled.put("payloadBytes", cell.number("entries") * cell.number("valueBytes"));
    results.write(filled);
  }

  /** Runs the load on an existing file with a cold page cache and limited memory. */
  static void drive(Cell cell, ResultWriter results) throws Exception {
    Contender contender = ForkMain.contender(cell);
    long opening = System.nanoTime();
    try (Store store = contender.open(ForkMain.sizing(cell))) {
      double openMillis = (System.nanoTime() - opening) / 1e6;
      Load load =
          new Load(
              store,
              new Zipf(cell.count("entries"), ZIPF),
              cell.count("valueBytes"),
              cell.number("round") + 1,
              1L << 40);
      Map<String, Object> cold = load.timedLoop("cold", Mix.READS_90, 2, cell.real("seconds"));
      cold.put("openMillis", openMillis);
      results.write(cold);
      for (int threads : new int[] {2, 8}) {
        results.write(sized(load.warmTimedLoop(cell, "steady", Mix.READS_90, threads)));
      }
      for (long rate = cell.number("lowestRate"); rate <= cell.number("highestRate"); rate *= 4) {
        results.write(load.fixedRate("rate", Mix.READS_90, 4, cell.real("rateSeconds"), rate));
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
                byte[] value = Stamp.randomValue(bytes, first);
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
      throw new IllegalStateException("filling the store failed", failed[0]);
    }
  }
}
