package dev.carafe.bench.fork;

import dev.carafe.bench.fork.ForkMain.ResultWriter;
import dev.carafe.contenders.Store;
import java.lang.management.ManagementFactory;
import java.util.Map;

/** A clean close, then a reopen in a new process that checks every key. */
final class RestartCell {
  private RestartCell() {}

  static void fill(Cell cell, ResultWriter results) throws Exception {
    Figures figures = Figures.start("fill");
    long entries = cell.number("entries");
    int bytes = cell.count("valueBytes");
    byte[] value = Stamp.randomValue(bytes, 3);
    long closing;
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      for (long key = 0; key < entries; key++) {
        Stamp.writeWithChecksum(value, bytes, key, key);
        store.put(key, value, bytes);
      }
      closing = System.nanoTime();
    }
    figures.put("closeMillis", (System.nanoTime() - closing) / 1e6);
    results.write(figures.end(entries));
  }

  static void reopen(Cell cell, ResultWriter results) throws Exception {
    long entries = cell.number("entries");
    byte[] read = new byte[cell.count("valueBytes")];
    Figures figures = Figures.start(cell.text("kind"));
    long jvmStart = ManagementFactory.getRuntimeMXBean().getStartTime();
    long start = System.nanoTime();
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      figures.put("openMillis", (System.nanoTime() - start) / 1e6);
      long tried = firstHit(store, read, entries);
      figures.put("firstHitMillis", (System.nanoTime() - start) / 1e6);
      figures.put("jvmToFirstHitMillis", System.currentTimeMillis() - jvmStart);
      figures.put("firstHitTries", tried);
      long found = 0;
      long wrong = 0;
      for (long key = 0; key < entries; key++) {
        int length = store.get(key, read);
        found += length == Store.MISS ? 0 : 1;
        wrong += length == Store.MISS || Stamp.isValid(read, length, key) ? 0 : 1;
      }
      figures.put("allReadMillis", (System.nanoTime() - start) / 1e6);
      figures.put("found", found).put("lost", entries - found).put("wrong", wrong);
      Map<String, Object> ended = figures.end(entries);
      results.write(ended);
    }
  }

  private static long firstHit(Store store, byte[] read, long entries) {
    long tried = 1;
    while (store.get(entries - tried, read) == Store.MISS && tried < entries) {
      tried++;
    }
    return tried;
  }
}
