package dev.carafe.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Together;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A wait for an event ends with the event or the time limit, also in an interrupted thread. */
@Timeout(20)
class EventCountTest {
  private final EventCount events = new EventCount();

  @Test
  void interruptsDoNotProlongTheWait() throws Exception {
    long seen = events.version();
    FutureTask<Long> waiting =
        new FutureTask<>(() -> events.await(seen, TimeUnit.MILLISECONDS.toNanos(100)));
    Thread thread = Together.start(waiting);
    while (!waiting.isDone()) {
      thread.interrupt(); // more often than the time limit expires
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    assertTrue(waiting.get() <= 0);
  }

  @Test
  void anEventEndsTheWaitOfAnInterruptedThread() throws Exception {
    long seen = events.version();
    FutureTask<Boolean> waiting =
        new FutureTask<>(() -> {
          long remaining = events.await(seen, Long.MAX_VALUE);
          return remaining > 0 && Thread.interrupted();
        });
    Thread thread = Together.start(waiting);
    Together.untilItWaits(thread);
    thread.interrupt();
    Together.untilItWaits(thread);
    events.signal();
    assertTrue(waiting.get(), "the interrupt is restored");
  }
}
