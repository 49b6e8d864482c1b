package dev.carafe.bench.fork;

import dev.carafe.bench.Zipf;
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

/** Runs a load on a store with several threads, in a closed loop or at a fixed rate. */
final class Load {
  private static final int OPERATIONS_PER_CLOCK_READ = 32;
  private static final long MAX_RECORDED_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final long SPIN_NANOS = 60_000;
  private static final double WINDOW_SECONDS = 0.4;
  private static final double IDLE_JIT_SHARE = 0.1;

  private final Store store;
  private final Zipf popularity;
  private final int valueBytes;
  private final long seed;
  private final AtomicLong freshKeys;
  private int phases;

  /**
   * Creates a load.
   *
   * @param store the store
   * @param popularity the distribution of the keys
   * @param valueBytes the length of each value
   * @param seed the seed of the key sequences
   * @param firstFreshKey the first key that no phase has used
   */
  Load(Store store, Zipf popularity, int valueBytes, long seed, long firstFreshKey) {
    this.store = store;
    this.popularity = popularity;
    this.valueBytes = valueBytes;
    this.seed = seed;
    this.freshKeys = new AtomicLong(firstFreshKey);
  }

  /** Runs the operations of a client until the end time. */
  @FunctionalInterface
  private interface Driver {
    long run(Client client, long startNanos, long endNanos);
  }

  /** Runs a phase of a given length. */
  @FunctionalInterface
  interface Window {
    Map<String, Object> run(double seconds);
  }

  /**
   * Runs uncounted operations until the JIT compiler is active for less than a tenth of the time in
   * two successive windows, within the time limits of the cell. An active compiler takes processor
   * time from the measured code.
   *
   * @return the number of operations
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
      quiet = share < IDLE_JIT_SHARE ? quiet + 1 : 0;
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

  /** A closed loop that counts operations and does not time them. */
  Map<String, Object> closedLoop(String phase, Mix mix, int threads, double seconds) {
    return run(phase, mix, threads, seconds, (client, _, end) -> untimed(client, end), List.of());
  }

  /** A closed loop that times each operation, for stores with a high cost per operation. */
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
   * A load at a fixed rate. Latency is measured from the scheduled start of each operation, so that
   * a stall delays all operations scheduled during it (no coordinated omission).
   */
  Map<String, Object> fixedRate(String phase, Mix mix, int threads, double seconds, long rate) {
    List<Histogram> times = histograms(2 * threads);
    AtomicLong next = new AtomicLong();
    long intervalNanos = Math.max(1, threads * TimeUnit.SECONDS.toNanos(1) / rate);
    Map<String, Object> figures =
        run(
            phase,
            mix,
            threads,
            seconds,
            (client, start, end) -> {
              int mine = (int) next.getAndIncrement();
              Schedule schedule =
                  new Schedule(start + mine * intervalNanos / threads, intervalNanos, end);
              return paced(client, schedule, times.get(2 * mine), times.get(2 * mine + 1));
            },
            times);
    figures.put("rate", rate);
    return figures;
  }

  private static List<Histogram> histograms(int count) {
    List<Histogram> histograms = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      histograms.add(new Histogram(MAX_RECORDED_NANOS, 3));
    }
    return histograms;
  }

  private static long untimed(Client client, long endNanos) {
    long operations = 0;
    do {
      for (int i = 0; i < OPERATIONS_PER_CLOCK_READ; i++) {
        client.operate();
      }
      operations += OPERATIONS_PER_CLOCK_READ;
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
      (write ? writes : reads).recordValue(Math.min(MAX_RECORDED_NANOS, after - before));
      before = after;
      operations++;
    }
    return operations;
  }

  /** The scheduled start times of operations. */
  private record Schedule(long firstNanos, long intervalNanos, long endNanos) {}

  private static long paced(Client client, Schedule schedule, Histogram reads, Histogram writes) {
    long operations = 0;
    // a backlog may extend the phase by half its length
    long abortNanos = schedule.endNanos() + (schedule.endNanos() - schedule.firstNanos()) / 2;
    for (long due = schedule.firstNanos();
        due - schedule.endNanos() < 0;
        due += schedule.intervalNanos()) {
      waitUntil(due);
      boolean write = client.nextIsWrite();
      if (write) {
        client.write();
      } else {
        client.read();
      }
      long now = System.nanoTime();
      (write ? writes : reads).recordValue(Math.min(MAX_RECORDED_NANOS, now - due));
      operations++;
      if (now - abortNanos > 0) {
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
      String phase, Mix mix, int threads, double seconds, Driver driver, List<Histogram> times) {
    // each phase draws other keys than earlier phases, whose keys are in the cache
    long phaseSeed = (seed * 1009 + phases++) * 1009 + 7;
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      clients.add(new Client(store, mix, popularity, valueBytes, phaseSeed + 31L * i, freshKeys));
    }
    Map<String, Long> before = store.counters();
    Figures figures = Figures.start(phase);
    long start = System.nanoTime();
    long operations = drive(clients, start, start + (long) (seconds * 1e9), driver);
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

  private static long drive(List<Client> clients, long start, long end, Driver driver) {
    CountDownLatch ready = new CountDownLatch(clients.size());
    try (ExecutorService threads = Executors.newFixedThreadPool(clients.size())) {
      List<Future<Long>> running = new ArrayList<>();
      for (Client client : clients) {
        running.add(
            threads.submit(() -> {
              ready.countDown();
              ready.await();
              return driver.run(client, start, end);
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
