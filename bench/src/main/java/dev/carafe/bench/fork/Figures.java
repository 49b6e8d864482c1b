package dev.carafe.bench.fork;

import dev.carafe.bench.GcPauses;
import dev.carafe.contenders.Store;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measures one phase, from {@link #start} to {@link #end}. */
final class Figures {
  private final Map<String, Object> values = new LinkedHashMap<>();
  private final GcPauses gc = new GcPauses();
  private final long startNanos = System.nanoTime();
  private final long startCpuNanos = ProcessFigures.cpuNanos();
  private final long startMachineNanos = ProcessFigures.machineCpuNanos();
  private final long startJitMillis = ProcessFigures.jitMillis();
  private final long startRead = ProcessFigures.deviceReadBytes();
  private final long startWritten = ProcessFigures.deviceWrittenBytes();

  private Figures(String phase) {
    values.put("phase", phase);
  }

  static Figures start(String phase) {
    return new Figures(phase);
  }

  Figures put(String name, Object value) {
    values.put(name, value);
    return this;
  }

  /** Ends the phase and adds the counters of the system and the JVM. */
  Map<String, Object> end(long operations) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    long cpu = ProcessFigures.cpuNanos() - startCpuNanos;
    long machine = ProcessFigures.machineCpuNanos() - startMachineNanos;
    values.putIfAbsent("seconds", seconds);
    // processors that other processes used
    values.put("othersCores", Math.max(0, (machine - cpu) / 1e9 / seconds));
    values.put("operations", operations);
    values.putIfAbsent("opsPerSecond", operations / seconds);
    values.put("cpuNanosPerOp", operations == 0 ? 0.0 : (double) cpu / operations);
    values.put("deviceReadBytes", ProcessFigures.deviceReadBytes() - startRead);
    values.put("deviceWrittenBytes", ProcessFigures.deviceWrittenBytes() - startWritten);
    values.put("jitMillis", ProcessFigures.jitMillis() - startJitMillis);
    values.put("gcMillis", gc.totalMillis());
    values.put("gcLongestMillis", gc.longestMillis());
    return values;
  }

  /** Adds the counters of a store as differences to earlier values. */
  Figures counters(Store store, Map<String, Long> before) {
    Map<String, Object> counted = new LinkedHashMap<>();
    store.counters().forEach((name, now) -> counted.put(name, now - before.getOrDefault(name, 0L)));
    if (!counted.isEmpty()) {
      values.put("counters", counted);
    }
    return this;
  }
}
