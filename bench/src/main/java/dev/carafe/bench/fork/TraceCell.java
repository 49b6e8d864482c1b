package dev.carafe.bench.fork;

import dev.carafe.bench.KeyOnlySizes;
import dev.carafe.bench.Trace;
import dev.carafe.bench.fork.ForkMain.ResultWriter;
import dev.carafe.contenders.Sizing;
import dev.carafe.contenders.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Replays a real or synthetic trace with several memory sizes, each in a new store. */
final class TraceCell {
  private TraceCell() {}

  static void run(Cell cell, ResultWriter results) throws Exception {
    Trace trace = trace(cell);
    int keys = trace.keyCount();
    int mean = (int) Math.max(Stamp.MIN_BYTES, trace.uniqueBytes() / keys);
    for (String percent : List.of(cell.text("percents").split(","))) {
      long memory =
          Math.max(
              256 * 1024,
              (long)
                  (Double.parseDouble(percent)
                      / 100
                      * (trace.uniqueBytes() + (double) keys * Sizing.HEAP_ENTRY_BYTES)));
      Path home = cell.has("directory") ? Path.of(cell.text("directory")) : null;
      Sizing sizing =
          new Sizing(
              memory,
              home == null ? 0 : Math.max(64L << 20, trace.uniqueBytes() * 3),
              home,
              keys,
              mean,
              false);
      try (Store store = ForkMain.contender(cell).open(sizing)) {
        results.write(replay(trace, store, percent, memory));
      }
      if (home != null) {
        deleteContents(home);
      }
    }
  }

  private static Map<String, Object> replay(Trace trace, Store store, String percent, long memory) {
    int longest = Stamp.MIN_BYTES;
    for (int i = 0; i < trace.requests(); i++) {
      longest = Math.max(longest, trace.size(i));
    }
    Replayer replayer = new Replayer(store, longest);
    Map<String, Long> before = store.counters();
    Figures figures = Figures.start("replay");
    for (int i = 0; i < trace.requests(); i++) {
      replayer.request(trace.op(i), trace.keyId(i), Math.max(Stamp.MIN_BYTES, trace.size(i)));
    }
    Map<String, Object> ended = figures.counters(store, before).end(trace.requests());
    ended.put("threads", 1L);
    ended.put("memoryPercent", Double.parseDouble(percent));
    ended.put("memoryBytes", memory);
    ended.put("hits", replayer.hits);
    ended.put("misses", replayer.misses);
    ended.put("hitRatio", (double) replayer.hits / Math.max(1, replayer.hits + replayer.misses));
    ended.put("wrong", replayer.wrong);
    ended.put("rssBytes", ProcessFigures.rssBytes());
    return ended;
  }

  /** The buffers and counters of one replay. */
  private static final class Replayer {
    private final Store store;
    private final byte[] read;
    private final byte[] written;
    long hits;
    long misses;
    long wrong;

    Replayer(Store store, int longest) {
      this.store = store;
      this.read = new byte[longest];
      this.written = Stamp.randomValue(longest, 1);
    }

    void request(byte op, long key, int size) {
      switch (op) {
        case Trace.GET -> {
          if (store.get(key, read) == Store.MISS) {
            misses++;
            put(key, size);
          } else {
            hits++;
            wrong += Stamp.hasKey(read, key) ? 0 : 1;
          }
        }
        case Trace.SET -> put(key, size);
        default -> store.remove(key);
      }
    }

    private void put(long key, int size) {
      Stamp.put(written, key, size);
      store.put(key, written, size);
    }
  }

  private static Trace trace(Cell cell) throws IOException {
    if (cell.has("synthetic")) {
      return SyntheticTrace.of(
          cell.map("synthetic"), cell.count("requests"), cell.count("keyCount"));
    }
    Path file = Path.of(System.getProperty("carafe.traces", "bench/traces"));
    return Trace.read(
        file.resolve(cell.text("trace")),
        new Trace.Reading(
            cell.count("requests"), cell.real("scale"), KeyOnlySizes.of(cell.text("sizes"))));
  }

  private static void deleteContents(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(home)) {
          Files.delete(file);
        }
      }
    }
  }
}
