package dev.carafe.bench.core;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Interleaved rounds of several contenders. The throughput of a disk varies within minutes, so the
 * results are medians over rounds. Every second round runs in reverse order, because transfers of
 * one contender can slow the next one.
 */
final class IoRounds {
  private final int warmUps;
  private final int count;
  private final List<Participant> participants = new ArrayList<>();

  /**
   * Creates rounds without contenders.
   *
   * @param warmUps the number of rounds that are not counted
   * @param count the number of counted rounds
   */
  IoRounds(int warmUps, int count) {
    this.warmUps = warmUps;
    this.count = count;
  }

  /** One round of one contender. */
  interface Contender {
    IoSample run() throws Exception;
  }

  /** A contender and the samples of its counted rounds. */
  private record Participant(String name, Contender contender, List<IoSample> samples) {}

  /**
   * The result of a round.
   *
   * @param rate operations per second
   * @param cpuNanos processor time per operation, of all threads, user and system; 0 if unknown
   * @param extra additional results by name
   */
  record IoSample(double rate, double cpuNanos, Map<String, Double> extra) {
    IoSample(double rate, double cpuNanos) {
      this(rate, cpuNanos, Map.of());
    }

    /** Creates a sample from the start values of both clocks and a number of operations. */
    static IoSample since(long startNanos, long startCpuNanos, long count) {
      double took = System.nanoTime() - startNanos;
      return new IoSample(
          count / took * 1e9, (double) (processCpuNanos() - startCpuNanos) / Math.max(1, count));
    }
  }

  IoRounds with(String name, Contender contender) {
    participants.add(new Participant(name, contender, new ArrayList<>()));
    return this;
  }

  /** Runs all rounds, the first in forward order, and returns a result for each contender. */
  List<Figure> run(String setting, String unit) throws Exception {
    for (int turn = 0; turn < warmUps + count; turn++) {
      for (Participant next : turn % 2 == 0 ? participants : participants.reversed()) {
        IoSample sample = next.contender.run();
        if (turn >= warmUps) {
          next.samples.add(sample);
        }
      }
    }
    return participants.stream()
        .map(each -> figure(setting, each.name, each.samples, unit))
        .toList();
  }

  private static Figure figure(
      String setting, String contender, List<IoSample> samples, String unit) {
    double[] rates = sorted(samples.stream().mapToDouble(IoSample::rate).toArray());
    double[] cpu = sorted(samples.stream().mapToDouble(IoSample::cpuNanos).toArray());
    Map<String, Double> extra = new TreeMap<>();
    if (median(cpu) > 0) {
      extra.put("cpu ns", median(cpu));
    }
    for (String name : samples.getFirst().extra().keySet()) {
      double[] found =
          sorted(samples.stream().mapToDouble(sample -> sample.extra().get(name)).toArray());
      extra.put(name, median(found));
    }
    return new Figure(
        setting,
        contender,
        median(rates),
        rates[0],
        rates[rates.length - 1],
        unit,
        false,
        Double.NaN,
        extra);
  }

  private static double[] sorted(double[] numbers) {
    Arrays.sort(numbers);
    return numbers;
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** Processor time of this process, all threads, user and system. */
  static long processCpuNanos() {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime();
  }
}
