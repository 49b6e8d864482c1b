package dev.carafe.bench.fork;

import dev.carafe.bench.fork.ForkMain.ResultWriter;
import dev.carafe.contenders.Store;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes until the parent kills the process, and reports the number of completed operations.
 * Another process then checks every key. The number of an operation determines the operation, so
 * both processes know the expected values: each key of the lower half once, a flush, then new keys,
 * overwrites and removals.
 */
final class CrashCell {
  private static final int REPORT_INTERVAL = 64;
  private static final long WRITES_AFTER = 1000;

  /** Marks a key whose last operation was not acknowledged. */
  private static final long UNACKNOWLEDGED = Long.MAX_VALUE;

  private CrashCell() {}

  static void write(Cell cell, ResultWriter results) throws Exception {
    int bytes = cell.count("valueBytes");
    long half = cell.number("entries") / 2;
    byte[] value = Stamp.randomValue(bytes, 5);
    // not closed: the parent kills the process
    Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell));
    for (long key = 0; key < half; key++) {
      Stamp.writeWithChecksum(value, bytes, key, 0);
      store.put(key, value, bytes);
    }
    store.flush();
    results.write(Map.of("phase", "flushed"));
    for (long operation = 1; ; operation++) {
      apply(store, value, bytes, half, operation);
      if (operation % REPORT_INTERVAL == 0) {
        results.write(Map.of("phase", "done", "operations", operation));
      }
    }
  }

  private static void apply(Store store, byte[] value, int bytes, long half, long operation) {
    long key = key(half, operation);
    if (removes(operation)) {
      store.remove(key);
    } else {
      Stamp.writeWithChecksum(value, bytes, key, operation);
      store.put(key, value, bytes);
    }
  }

  private static boolean removes(long operation) {
    return operation % 4 == 3;
  }

  /** Of four operations, two write new keys, one overwrites, and one removes. */
  private static long key(long half, long operation) {
    return operation % 4 >= 2 ? operation * 7919 % half : half + operation % half;
  }

  static void check(Cell cell, ResultWriter results) throws Exception {
    long half = cell.number("entries") / 2;
    long done = cell.number("operations");
    long[] expected = new long[Math.toIntExact(2 * half)];
    for (long key = half; key < 2 * half; key++) {
      expected[(int) key] = -1;
    }
    for (long operation = 1; operation <= done; operation++) {
      expected[(int) key(half, operation)] = removes(operation) ? -1 : operation;
    }
    for (long operation = done + 1; operation <= done + 2 * REPORT_INTERVAL; operation++) {
      expected[(int) key(half, operation)] = UNACKNOWLEDGED;
    }
    Figures figures = Figures.start("check");
    long start = System.nanoTime();
    try (Store store = ForkMain.contender(cell).open(ForkMain.sizing(cell))) {
      figures.put("openMillis", (System.nanoTime() - start) / 1e6);
      Map<String, Object> verdict = verdict(cell, store, expected, done);
      verdict.forEach(figures::put);
      figures.put("writesAfter", writesAfter(cell, store));
    }
    results.write(figures.end(2 * half));
  }

  private static Map<String, Object> verdict(Cell cell, Store store, long[] expected, long done) {
    byte[] read = new byte[cell.count("valueBytes")];
    long right = 0;
    long lostFlushed = 0;
    long lostLater = 0;
    long stale = 0;
    long resurrected = 0;
    long wrong = 0;
    for (int key = 0; key < expected.length; key++) {
      int length = store.get(key, read);
      if (length == Store.MISS) {
        if (expected[key] < 0 || expected[key] == UNACKNOWLEDGED) {
          right++;
        } else if (expected[key] == 0) {
          lostFlushed++;
        } else {
          lostLater++;
        }
      } else if (!Stamp.isValid(read, length, key)) {
        wrong++;
      } else if (expected[key] == UNACKNOWLEDGED || Stamp.version(read) == expected[key]) {
        right++;
      } else if (expected[key] < 0) {
        resurrected++;
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
    verdict.put("cameBack", resurrected);
    verdict.put("wrong", wrong);
    return verdict;
  }

  private static String writesAfter(Cell cell, Store store) {
    int bytes = cell.count("valueBytes");
    byte[] value = Stamp.randomValue(bytes, 6);
    try {
      for (long key = 0; key < WRITES_AFTER; key++) {
        Stamp.writeWithChecksum(value, bytes, key, 0);
        store.put(key, value, bytes);
      }
      return "work";
    } catch (RuntimeException e) {
      return "fail: " + e.getClass().getName();
    }
  }
}
