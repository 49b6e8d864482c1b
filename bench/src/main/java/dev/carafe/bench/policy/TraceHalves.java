package dev.carafe.bench.policy;

import dev.carafe.bench.Trace;
import java.util.Arrays;
import java.util.List;

/** Splits a trace into two halves with separately numbered keys. */
final class TraceHalves {
  private TraceHalves() {}

  static List<Trace> of(Trace trace) {
    int middle = trace.requests() / 2;
    return List.of(part(trace, 0, middle), part(trace, middle, trace.requests()));
  }

  private static Trace part(Trace trace, int from, int to) {
    int[] newIds = new int[trace.keyCount()];
    Arrays.fill(newIds, -1);
    byte[] ops = new byte[to - from];
    int[] ids = new int[to - from];
    int[] sizes = new int[to - from];
    int keys = 0;
    for (int i = 0; i < ops.length; i++) {
      int key = trace.keyId(from + i);
      if (newIds[key] < 0) {
        newIds[key] = keys++;
      }
      ops[i] = trace.op(from + i);
      ids[i] = newIds[key];
      sizes[i] = trace.size(from + i);
    }
    return Trace.of(keys, ops, ids, sizes);
  }
}
