package dev.carafe.bench.fork;

import dev.carafe.contenders.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Drives a store with some threads: as fast as it goes, or at a rate that is given. */
final class Load {
  private static final int OPERATIONS_A_LOOK = 32;
  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final long SPIN_NANOS = 60_000;
  private static final double WINDOW_SECONDS = 0.4;
  private static final double QUIET_SHARE = 0.1;

  private final Store store;
  private final ZipfKeys popularity;
  private final int valueBytes;
  private final long seed;
  private final AtomicLong freshKeys;
  private int phases;

  /**
   * A source of load.
   *
   * @param store who gets it
   * @param popularity which keys
   * @param valueBytes how long each value is
   * @param seed what the choice of keys follows from
   * @param firstFreshKey the first key that never was
   */
  Load(Store store, ZipfKeys popularity, int valueBytes, long seed, long firstFreshKey) {
    this.store = store;
    this.popularity = popularity;
    this.valueBytes = valueBytes;
    this.seed = seed;
    this.freshKeys = new AtomicLong(firstFreshKey);
  }

  /** What a client does with its thread until it is told to stop. */
  @FunctionalInterface
  private interface Driving {
    long run(Client client, long startNanos, long endNanos);
  }

  /** A phase of some length. */
  @FunctionalInterface
  interface Window {
    Map<String, Object> run(double seconds);
  }

  /**
   * Warms up: runs operations that are not counted, until the JIT compiler has worked for less than
   * a tenth of the time in two successive windows, within the limits of the cell. While the
   * compiler works it takes processor time from the measured code, and more from a contender with
   * more code.
   *
   * @return how many operations
   */
  static long warmUp(Cell cell, Window window) {
    double least = cell.real("warmupSeconds");
    double most = cell.real("warmupMostSeconds");
    double took = 0;
    long operations = 0;
    for (int quiet = 0; took < least || (quiet < 2 && took < most); took += WINDOW_SECONDS) {
      long before = ProcessFigures.jitMillis();
      Map<String, Object> figures = window.run(WINDOW_SECONDS);
      operations += figures.get("operations") instanceof Long done ? done : 0;
      double share = (ProcessFigures.jitMillis() - before) / 1e3 / WINDOW_SECONDS;
      quiet = share < QUIET_SHARE ? quiet + 1 : 0;
    }
    return operations;
  }

  /** A closed loop of the cell's length, after a warm-up in the same loop. */
  Map<String, Object> warmClosedLoop(Cell cell, String phase, Mix mix, int threads) {
    var _ = warmUp(cell, seconds -> closedLoop("warmup", mix, threads, seconds));
    return closedLoop(phase, mix, threads, cell.real("seconds"));
  }

  /** A timed loop of the cell's length, after a warm-up in the same loop. */
  Map<String, Object> warmTimedLoop(Cell cell, String phase, Mix mix, int threads) {
    var _ = warmUp(cell, seconds -> timedLoop("warmup", mix, threads, seconds));
    return timedLoop(phase, mix, threads, cell.real("seconds"));
  }

  /** As fast as it goes: operations per second, and nothing else that costs time. */
  Map<String, Object> closedLoop(String phase, Mix mix, int threads, double seconds) {
    return run(phase, mix, threads, seconds, (client, _, end) -> hurry(client, end), List.of());
  }

  /** As fast as it goes, with each operation's time: for stores that are slow anyway. */
  Map<String, Object> timedLoop(String phase, Mix mix, int threads, double seconds) {
    List<Histogram> times = histograms(2 * threads);
    AtomicLong next = new AtomicLong();
    return run(
        phase,
        mix,
        threads,
        seconds,
        (client, _, end) -> {
          int mine = (int) next.getAndIncrement();
          return timed(client, end, times.get(2 * mine), times.get(2 * mine + 1));
        },
        times);
  }

  /**
   * At a rate, with the time from when each operation was due: if the store stalls, the operations
   * that were due meanwhile count as late, as its users would see it.
   */
  Map<String, Object> fixedRate(String phase, Mix mix, int threads, double seconds, long rate) {
    List<Histogram> times = histograms(2 * threads);
    AtomicLong next = new AtomicLong();
    long gapNanos = Math.max(1, threads * TimeUnit.SECONDS.toNanos(1) / rate);
    Map<String, Object> figures =
        run(
            phase,
            mix,
            threads,
            seconds,
            (client, start, end) -> {
              int mine = (int) next.getAndIncrement();
              Pace pace = new Pace(start + mine * gapNanos / threads, gapNanos, end);
              return paced(client, pace, times.get(2 * mine), times.get(2 * mine + 1));
            },
            times);
    figures.put("rate", rate);
    return figures;
  }

  private static List<Histogram> histograms(int count) {
    List<Histogram> histograms = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      histograms.add(new Histogram(HIGHEST_NANOS, 3));
    }
    return histograms;
  }

  private static long hurry(Client client, long endNanos) {
    long operations = 0;
    do {
      for (int i = 0; i < OPERATIONS_A_LOOK; i++) {
        client.operate();
      }
      operations += OPERATIONS_A_LOOK;
    } while (System.nanoTime() - endNanos < 0);
    return operations;
  }

  private static long timed(Client client, long endNanos, Histogram reads, Histogram writes) {
    long operations = 0;
    long before = System.nanoTime();
    while (before - endNanos < 0) {
      boolean write = client.nextIsWrite();
      if (write) {
        client.write();
      } else {
        client.read();
      }
      long after = System.nanoTime();
      (write ? writes : reads).recordValue(Math.min(HIGHEST_NANOS, after - before));
      before = after;
      operations++;
    }
    return operations;
  }

  /** When operations are due. */
  private record Pace(long firstNanos, long gapNanos, long endNanos) {}

  private static long paced(Client client, Pace pace, Histogram reads, Histogram writes) {
    long operations = 0;
    // Half as long again for a backlog, then it is given up: the rate was too much.
    long giveUp = pace.endNanos() + (pace.endNanos() - pace.firstNanos()) / 2;
    for (long due = pace.firstNanos(); due - pace.endNanos() < 0; due += pace.gapNanos()) {
      waitUntil(due);
      boolean write = client.nextIsWrite();
      if (write) {
        client.write();
      } else {
        client.read();
      }
      long now = System.nanoTime();
      (write ? writes : reads).recordValue(Math.min(HIGHEST_NANOS, now - due));
      operations++;
      if (now - giveUp > 0) {
        break;
      }
    }
    return operations;
  }

  private static void waitUntil(long dueNanos) {
    long ahead = dueNanos - System.nanoTime();
    while (ahead > 0) {
      if (ahead > 2 * SPIN_NANOS) {
        LockSupport.parkNanos(ahead - SPIN_NANOS);
      } else {
        Thread.onSpinWait();
      }
      ahead = dueNanos - System.nanoTime();
    }
  }

  private Map<String, Object> run(
      String phase, Mix mix, int threads, double seconds, Driving driving, List<Histogram> times) {
    // No phase asks for the keys of an earlier one in their order: it would find what that one put.
    long phaseSeed = (seed * 1009 + phases++) * 1009 + 7;
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      clients.add(new Client(store, mix, popularity, valueBytes, phaseSeed + 31L * i, freshKeys));
    }
    Map<String, Long> before = store.counters();
    Figures figures = Figures.start(phase);
    long start = System.nanoTime();
    long operations = drive(clients, start, start + (long) (seconds * 1e9), driving);
    double took = (System.nanoTime() - start) / 1e9;
    figures.put("threads", (long) threads).put("seconds", took);
    figures.put("opsPerSecond", operations / took).counters(store, before);
    count(figures, clients);
    Latency.put(figures, "get", times, 0);
    Latency.put(figures, "put", times, 1);
    return figures.end(operations);
  }

  private static void count(Figures figures, List<Client> clients) {
    long hits = clients.stream().mapToLong(client -> client.hits).sum();
    long misses = clients.stream().mapToLong(client -> client.misses).sum();
    figures.put("hits", hits).put("misses", misses);
    if (hits + misses > 0) {
      figures.put("hitRatio", (double) hits / (hits + misses));
    }
    figures.put("writes", clients.stream().mapToLong(client -> client.writes).sum());
    figures.put("wrong", clients.stream().mapToLong(client -> client.wrong).sum());
  }

  private static long drive(List<Client> clients, long start, long end, Driving driving) {
    CountDownLatch ready = new CountDownLatch(clients.size());
    try (ExecutorService threads = Executors.newFixedThreadPool(clients.size())) {
      List<Future<Long>> running = new ArrayList<>();
      for (Client client : clients) {
        running.add(
            threads.submit(() -> {
              ready.countDown();
              ready.await();
              return driving.run(client, start, end);
            }));
      }
      long operations = 0;
      for (Future<Long> each : running) {
        operations += each.get();
      }
      return operations;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
