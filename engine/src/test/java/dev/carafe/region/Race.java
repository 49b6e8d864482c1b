package dev.carafe.region;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;

/** Runs the same work on several threads that start together; throws the first failure. */
final class Race {
  private Race() {}

  /** The work of a thread. */
  interface Racer {
    void run(int me) throws Exception;
  }

  static void run(int threads, Racer racer) throws Exception {
    run(Executors.defaultThreadFactory(), threads, racer);
  }

  static void run(ThreadFactory factory, int threads, Racer racer) throws Exception {
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Future<?>> finished = new ArrayList<>();
    try (ExecutorService executor = Executors.newThreadPerTaskExecutor(factory)) {
      for (int i = 0; i < threads; i++) {
        int me = i;
        finished.add(
            executor.submit(() -> {
              start.await();
              racer.run(me);
              return me;
            }));
      }
    }
    for (Future<?> one : finished) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new AssertionError("a racer failed: " + e.getCause(), e.getCause());
      }
    }
  }
}
