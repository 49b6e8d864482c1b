package dev.carafe.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An interrupt neither ends nor prolongs a wait, and is restored after it. */
@Timeout(20)
class UninterruptibleWaitTest {
  private static final UninterruptibleWait.Wait<Semaphore> ACQUIRE =
      (permits, count, nanos) -> permits.tryAcquire((int) count, nanos, TimeUnit.NANOSECONDS);

  private final Semaphore permits = new Semaphore(0);

  @AfterEach
  void clearInterrupt() {
    var _ = Thread.interrupted();
  }

  @Test
  void anInterruptDoesNotEndTheWaitAndIsRestored() throws Exception {
    FutureTask<Boolean> waiting =
        new FutureTask<>(() -> {
          assertTrue(UninterruptibleWait.await(permits, 2, UninterruptibleWait.FOREVER, ACQUIRE));
          return Thread.interrupted();
        });
    Thread thread = Together.start(waiting);
    for (int i = 0; i < 3; i++) {
      Together.untilItWaits(thread);
      thread.interrupt();
    }
    permits.release(2);
    assertTrue(waiting.get(), "the interrupt is restored");
  }

  @Test
  void interruptsDoNotProlongTheWait() throws Exception {
    FutureTask<Boolean> waiting =
        new FutureTask<>(() ->
            UninterruptibleWait.await(permits, 1, TimeUnit.MILLISECONDS.toNanos(100), ACQUIRE));
    Thread thread = Together.start(waiting);
    while (!waiting.isDone()) {
      thread.interrupt(); // more often than the time limit expires
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    assertFalse(waiting.get());
  }

  @Test
  void theConditionIsCheckedAfterTheTimeIsOver() {
    permits.release();
    Thread.currentThread().interrupt();
    assertTrue(UninterruptibleWait.await(permits, 1, 0, ACQUIRE));
    assertTrue(Thread.interrupted(), "the interrupt is restored");
    assertFalse(UninterruptibleWait.await(permits, 1, -1, ACQUIRE));
  }

  /** A thread whose interrupt status is set does not park, so the status is cleared meanwhile. */
  @Test
  void anInterruptedThreadParks() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger rounds = new AtomicInteger();
    FutureTask<Boolean> waiting =
        new FutureTask<>(() -> {
          Thread.currentThread().interrupt();
          boolean ended =
              UninterruptibleWait.await(
                  done,
                  0,
                  UninterruptibleWait.FOREVER,
                  (flag, _, _) -> {
                    rounds.getAndIncrement();
                    LockSupport.park(flag);
                    return flag.get();
                  });
          return ended && Thread.interrupted();
        });
    Thread thread = Together.start(waiting);
    while (rounds.get() < 2) {
      Thread.onSpinWait();
    }
    Together.untilItWaits(thread);
    done.set(true);
    LockSupport.unpark(thread);
    assertTrue(waiting.get(), "the interrupt is restored");
    assertEquals(2, rounds.get());
  }

  @Test
  void anExceptionEndsTheWaitAndKeepsTheInterrupt() {
    AtomicInteger rounds = new AtomicInteger();
    Thread.currentThread().interrupt();
    assertThrows(
        IllegalStateException.class,
        () ->
            UninterruptibleWait.await(
                permits,
                1,
                UninterruptibleWait.FOREVER,
                (target, count, nanos) -> {
                  if (rounds.getAndIncrement() > 0) {
                    throw new IllegalStateException("the wait fails");
                  }
                  return ACQUIRE.await(target, count, nanos); // throws, since it is interrupted
                }));
    assertEquals(2, rounds.get());
    assertTrue(Thread.interrupted(), "the interrupt is restored");
  }
}
