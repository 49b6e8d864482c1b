package dev.carafe.bench.core;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Contenders measured in turn, round after round, since a disk may be twice as fast a minute later:
 * what is compared is the median of each one's rounds. Every second round goes backwards, since a
 * disk may make one pay for what the one before it has transferred.
 */
final class IoRounds {
  private final int warmUps;
  private final int count;
  private final List<Entrant> entrants = new ArrayList<>();

  /**
   * Creates rounds without entrants.
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

  /** Who takes part, and what the rounds that count found. */
  private record Entrant(String name, Contender contender, List<IoSample> samples) {}

  /**
   * What a round found.
   *
   * @param rate so much a second
   * @param cpuNanos processor time an operation, of all threads, user and system; 0 if unknown
   * @param extra further results by name
   */
  record IoSample(double rate, double cpuNanos, Map<String, Double> extra) {
    IoSample(double rate, double cpuNanos) {
      this(rate, cpuNanos, Map.of());
    }

    /** Of a window that began at a moment, by both clocks. */
    static IoSample since(long startNanos, long startCpuNanos, long count) {
      double took = System.nanoTime() - startNanos;
      return new IoSample(
          count / took * 1e9, (double) (processCpuNanos() - startCpuNanos) / Math.max(1, count));
    }
  }

  IoRounds with(String name, Contender contender) {
    entrants.add(new Entrant(name, contender, new ArrayList<>()));
    return this;
  }

  /** Runs all rounds, the first one forwards; gives a figure for each contender. */
  List<Figure> run(String setting, String unit) throws Exception {
    for (int turn = 0; turn < warmUps + count; turn++) {
      for (Entrant next : turn % 2 == 0 ? entrants : entrants.reversed()) {
        IoSample sample = next.contender.run();
        if (turn >= warmUps) {
          next.samples.add(sample);
        }
      }
    }
    return entrants.stream().map(each -> figure(setting, each.name, each.samples, unit)).toList();
  }

  private static Figure figure(
      String setting, String contender, List<IoSample> samples, String unit) {
    double[] rates = sorted(samples.stream().mapToDouble(IoSample::rate).toArray());
    double[] cpu = sorted(samples.stream().mapToDouble(IoSample::cpuNanos).toArray());
    Map<String, Double> extra = new TreeMap<>();
    if (middle(cpu) > 0) {
      extra.put("cpu ns", middle(cpu));
    }
    for (String name : samples.getFirst().extra().keySet()) {
      double[] found =
          sorted(samples.stream().mapToDouble(sample -> sample.extra().get(name)).toArray());
      extra.put(name, middle(found));
    }
    return new Figure(
        setting,
        contender,
        middle(rates),
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

  private static double middle(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** Processor time of this process so far, all threads, user and system. */
  static long processCpuNanos() {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime();
  }
}
