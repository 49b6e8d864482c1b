package dev.carafe.bench.fork;

import dev.carafe.bench.fork.ForkMain.Lines;
import dev.carafe.contenders.Store;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes until it is killed, and tells how far it was; another process then looks for what is left.
 * The operations follow from their number, so both know what should be there: first every key of
 * the lower half once, then a flush, then new keys, overwrites and removals in turn.
 */
final class CrashCell {
  private static final int TELL_EVERY = 64;
  private static final long WRITES_AFTER = 1000;

  /** Stands for the unknown result of an operation that was not acknowledged. */
  private static final long UNDER_WAY = Long.MAX_VALUE;

  private CrashCell() {}

  static void write(Cell cell, Lines lines) throws Exception {
    int bytes = cell.count("valueBytes");
    long half = cell.number("entries") / 2;
    byte[] value = Stamp.blank(bytes, 5);
    // Not closed: it is killed.
    Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell));
    for (long key = 0; key < half; key++) {
      Stamp.seal(value, bytes, key, 0);
      store.put(key, value, bytes);
    }
    store.flush();
    lines.say(Map.of("phase", "flushed"));
    for (long operation = 1; ; operation++) {
      apply(store, value, bytes, half, operation);
      if (operation % TELL_EVERY == 0) {
        lines.say(Map.of("phase", "done", "operations", operation));
      }
    }
  }

  private static void apply(Store store, byte[] value, int bytes, long half, long operation) {
    long key = key(half, operation);
    if (removes(operation)) {
      store.remove(key);
    } else {
      Stamp.seal(value, bytes, key, operation);
      store.put(key, value, bytes);
    }
  }

  private static boolean removes(long operation) {
    return operation % 4 == 3;
  }

  /** Of four operations two write new keys, one overwrites, one removes. */
  private static long key(long half, long operation) {
    return operation % 4 >= 2 ? operation * 7919 % half : half + operation % half;
  }

  static void check(Cell cell, Lines lines) throws Exception {
    long half = cell.number("entries") / 2;
    long done = cell.number("operations");
    long[] expected = new long[Math.toIntExact(2 * half)];
    for (long key = half; key < 2 * half; key++) {
      expected[(int) key] = -1;
    }
    for (long operation = 1; operation <= done; operation++) {
      expected[(int) key(half, operation)] = removes(operation) ? -1 : operation;
    }
    for (long operation = done + 1; operation <= done + 2 * TELL_EVERY; operation++) {
      expected[(int) key(half, operation)] = UNDER_WAY;
    }
    Figures figures = Figures.start("check");
    long start = System.nanoTime();
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      figures.put("openMillis", (System.nanoTime() - start) / 1e6);
      Map<String, Object> verdict = verdict(cell, store, expected, done);
      verdict.forEach(figures::put);
      figures.put("writesAfter", writesAfter(cell, store));
    }
    lines.say(figures.end(2 * half));
  }

  private static Map<String, Object> verdict(Cell cell, Store store, long[] expected, long done) {
    byte[] read = new byte[cell.count("valueBytes")];
    long right = 0;
    long lostFlushed = 0;
    long lostLater = 0;
    long stale = 0;
    long back = 0;
    long wrong = 0;
    for (int key = 0; key < expected.length; key++) {
      int length = store.get(key, read);
      if (length == Store.MISS) {
        if (expected[key] < 0 || expected[key] == UNDER_WAY) {
          right++;
        } else if (expected[key] == 0) {
          lostFlushed++;
        } else {
          lostLater++;
        }
      } else if (!Stamp.isWhole(read, length, key)) {
        wrong++;
      } else if (expected[key] == UNDER_WAY || Stamp.version(read) == expected[key]) {
        right++;
      } else if (expected[key] < 0) {
        back++;
      } else {
        stale++;
      }
    }
    Map<String, Object> verdict = new LinkedHashMap<>();
    verdict.put("acknowledged", done);
    verdict.put("right", right);
    verdict.put("lostFlushed", lostFlushed);
    verdict.put("lostAfterFlush", lostLater);
    verdict.put("stale", stale);
    verdict.put("cameBack", back);
    verdict.put("wrong", wrong);
    return verdict;
  }

  private static String writesAfter(Cell cell, Store store) {
    int bytes = cell.count("valueBytes");
    byte[] value = Stamp.blank(bytes, 6);
    try {
      for (long key = 0; key < WRITES_AFTER; key++) {
        Stamp.seal(value, bytes, key, 0);
        store.put(key, value, bytes);
      }
      return "work";
    } catch (RuntimeException e) {
      return "fail: " + e.getClass().getName();
    }
  }
}
