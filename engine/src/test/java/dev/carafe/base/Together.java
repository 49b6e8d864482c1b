package dev.carafe.base;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Work that several threads start at once. An exception of any thread fails the test. */
public final class Together {
  private Together() {}

  /** The work of one thread. */
  public interface Work {
    /**
     * Runs once in each thread.
     *
     * @param number of the thread, from 0
     * @throws Exception fails the test
     */
    void run(int number) throws Exception;
  }

  /**
   * Runs work in platform threads until all have ended.
   *
   * @param threads the number of threads
   * @param work the work of each thread
   */
  public static void platform(int threads, Work work) {
    run(threads, Thread.ofPlatform().daemon().factory(), work);
  }

  /**
   * Runs work in virtual threads until all have ended.
   *
   * @param threads the number of threads
   * @param work the work of each thread
   */
  public static void virtual(int threads, Work work) {
    run(threads, Thread.ofVirtual().factory(), work);
  }

  /**
   * Runs a task many times, in several platform threads.
   *
   * @param times how often it runs in all
   * @param threads the most threads
   * @param task runs once
   */
  public static void repeat(int times, int threads, Runnable task) {
    AtomicInteger left = new AtomicInteger(times);
    platform(
        Math.min(times, threads),
        number -> {
          while (left.getAndDecrement() > 0) {
            task.run();
          }
        });
  }

  private static void run(int threads, ThreadFactory factory, Work work) {
    CountDownLatch begin = new CountDownLatch(1);
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      FutureTask<Boolean> task =
          new FutureTask<>(() -> {
            begin.await();
            work.run(number);
            return true;
          });
      tasks.add(task);
      factory.newThread(task).start();
    }
    begin.countDown();
    tasks.forEach(Together::join);
  }

  /**
   * Waits for a task.
   *
   * @param task a task that another thread runs
   */
  public static void join(FutureTask<?> task) {
    try {
      var _ = task.get();
    } catch (ExecutionException e) {
      throw new AssertionError("a thread failed", e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError("the test was interrupted", e);
    }
  }

  /**
   * Starts one daemon thread.
   *
   * @param task the work of the thread
   * @return the running thread
   */
  public static Thread start(FutureTask<?> task) {
    return Thread.ofPlatform().daemon().start(task);
  }

  /**
   * Waits until a thread is in a waiting state.
   *
   * @param thread started before
   */
  public static void untilItWaits(Thread thread) {
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TIMED_WAITING) {
      if (!thread.isAlive()) {
        throw new AssertionError(thread + " ended instead of waiting");
      }
      Thread.yield();
    }
  }
}
