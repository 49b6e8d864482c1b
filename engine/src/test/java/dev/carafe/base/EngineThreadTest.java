package dev.carafe.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An engine thread that can't start, or whose body throws, is visible and recovers (F6). */
@Timeout(20)
class EngineThreadTest {
  private static final long LONG = TimeUnit.SECONDS.toNanos(10);

  private volatile boolean stopped;

  @Test
  void aRefusedThreadIsReportedAndStartedLater() {
    CountDownLatch ran = new CountDownLatch(1);
    EngineThread thread = new EngineThread("carafe-test", ran::countDown);
    try (NoThreads none = NoThreads.forNow()) {
      long start = System.nanoTime();
      assertFalse(thread.isRunning());
      assertFalse(thread.isRunning());
      boolean pauseIsOver = System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(100);
      assertTrue(none.refused() == 1 || pauseIsOver, "asked again at once");
      String failure = thread.failure();
      assertNotNull(failure);
      assertTrue(failure.contains("carafe-test can't be started"), failure);
      assertTrue(failure.contains("pids.max"), failure);
    }
    while (thread.failure() != null) {
      var _ = thread.isRunning();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    await(ran);
    assertTrue(thread.awaitEnd(LONG));
  }

  @Test
  void anUnstartedThreadEndsAtOnceAndIsNeverStarted() {
    AtomicInteger runs = new AtomicInteger();
    EngineThread thread = new EngineThread("carafe-test", runs::incrementAndGet);
    assertTrue(thread.awaitEnd(LONG));
    assertFalse(thread.isRunning());
    assertEquals(0, runs.get());
    assertNull(thread.failure());
  }

  @Test
  void aThrowingBodyRunsAgainOnTheSameThread() {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch fifth = new CountDownLatch(5);
    EngineThread[] own = new EngineThread[1];
    own[0] =
        new EngineThread(
            "carafe-test",
            () -> {
              fifth.countDown();
              switch (runs.incrementAndGet()) {
                case 1 -> throw new StackOverflowError("a test");
                case 2 -> throw new OutOfMemoryError("a test");
                case 3 -> throw EngineThreadTest.<RuntimeException>sneaky(new Exception("a test"));
                case 4 -> throw new AssertionError("a test");
                default -> {
                  String failure = own[0].failure();
                  own[0].recordSuccess();
                  assertTrue(failure != null && failure.contains("AssertionError"), failure);
                  while (!stopped) {
                    LockSupport.park(this);
                  }
                }
              }
            });
    assertTrue(own[0].isRunning());
    await(fifth);
    while (own[0].failure() != null) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    assertEquals(4, own[0].failureCount());
    assertFalse(own[0].isCurrent());
    assertFalse(own[0].awaitEnd(1), "it still runs");
    stopped = true;
    own[0].unpark();
    assertTrue(own[0].awaitEnd(LONG));
    assertFalse(own[0].isRunning(), "its work is over");
    assertEquals(5, runs.get());
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> E sneaky(Throwable e) throws E {
    throw (E) e;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
