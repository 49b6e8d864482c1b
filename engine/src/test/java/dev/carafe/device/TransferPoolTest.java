package dev.carafe.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** F5, F6: each task runs once, although threads end by errors and new ones are refused. */
@Timeout(60)
final class TransferPoolTest {
  private final AtomicInteger refusals = new AtomicInteger();
  private final ThreadFactory factory =
      body -> {
        if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          throw new OutOfMemoryError("injected: unable to create a native thread");
        }
        return Thread.ofPlatform()
            .daemon()
            .uncaughtExceptionHandler((thread, error) -> {})
            .unstarted(body);
      };

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS), "a task did not run");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tasksRunAfterAnErrorEndedTheLastThread() {
    try (TransferPool<Runnable> pool = new TransferPool<>(1, factory, Runnable::run)) {
      CountDownLatch queued = new CountDownLatch(1);
      CountDownLatch ran = new CountDownLatch(2);
      pool.execute(() -> {
        await(queued);
        throw new OutOfMemoryError("injected");
      });
      pool.execute(ran::countDown);
      pool.execute(ran::countDown);
      refusals.set(3); // the executor's own replacement, and two more
      queued.countDown();
      await(ran);
      assertEquals(0, refusals.get());
    }
  }

  @Test
  void aTaskThatNoThreadTakesRunsOnceOnTheCallingThread() {
    AtomicInteger runs = new AtomicInteger();
    AtomicInteger own = new AtomicInteger();
    Thread caller = Thread.currentThread();
    try (TransferPool<Runnable> pool = new TransferPool<>(2, factory, Runnable::run)) {
      refusals.set(10);
      for (int i = 0; i < 10; i++) {
        pool.execute(() -> {
          runs.incrementAndGet();
          own.addAndGet(Thread.currentThread() == caller ? 1 : 0);
        });
      }
      assertEquals(10, own.get());
      CountDownLatch ran = new CountDownLatch(1);
      pool.execute(ran::countDown);
      await(ran);
    }
    assertEquals(10, runs.get());
  }

  @Test
  void aClosedPoolRejectsTasks() {
    TransferPool<Runnable> pool = new TransferPool<>(1, factory, Runnable::run);
    AtomicInteger runs = new AtomicInteger();
    pool.execute(runs::incrementAndGet);
    pool.close();
    assertEquals(1, runs.get());
    assertThrows(RejectedExecutionException.class, () -> pool.execute(runs::incrementAndGet));
    assertEquals(1, runs.get());
  }
}
