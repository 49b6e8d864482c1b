package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.base.Together;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A caller that waits for room in the file does not wait for a device that fails (F1, F6). Each
 * call slept up to 30 s if it looked for a failure at the wrong moment.
 */
@Timeout(120)
final class WaitersSeeFailuresTest {
  private static final int VALUE_BYTES = 1_000;

  /** A third of the time that a call waits for room. */
  private static final int BOUND_SECONDS = 10;

  private final FaultPlan faults = new FaultPlan(0);
  private final CountDownLatch inRead = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger puts = new AtomicInteger();

  private SimTier open() {
    return new SimTier(
        new SimDisk(new byte[0]), faults, new SimTier.Setup(512 << 10, Compression.NONE, false));
  }

  /** Lets log maintenance stop in one of its reads of the oldest extent, which then fails. */
  private void stopInRead(int which, boolean throwing) {
    faults.failReads(true);
    faults.beforeReads(() -> {
      if (reads.incrementAndGet() == which) {
        inRead.countDown();
        awaitOrFail(release);
      }
      if (throwing) {
        throw new IllegalStateException("a test");
      }
    });
  }

  private static void awaitOrFail(CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError("the test was interrupted", e);
    }
  }

  private StoreResult fill(SimTier tier) {
    StoreResult result = StoreResult.STORED;
    while (result == StoreResult.STORED) { // an extent without values is not read
      result = tier.put(puts.getAndIncrement(), 1, VALUE_BYTES);
    }
    return result;
  }

  /** Regression: log maintenance forgot the failure during the retry of a read. */
  @Test
  void theFailureIsSeenDuringARetry() throws Exception {
    try (SimTier tier = open()) {
      stopInRead(2, false);
      try {
        assertEquals(StoreResult.UNAVAILABLE, fill(tier));
        awaitOrFail(inRead);
        FutureTask<StoreResult> put = started(() -> tier.put(1, 2, VALUE_BYTES)).task;
        assertEquals(StoreResult.UNAVAILABLE, put.get(BOUND_SECONDS, TimeUnit.SECONDS));
      } finally {
        release.countDown();
      }
    }
  }

  /** Regression: a failed read or an exception of the thread did not wake waiting callers. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFailureEndsEachWait(boolean throwing) throws Exception {
    try (SimTier tier = open()) {
      stopInRead(1, throwing);
      try {
        Waiter<StoreResult> put = started(() -> fill(tier));
        awaitOrFail(inRead);
        untilItAwaitsAnEvent(put.thread);
        Waiter<Boolean> remove = started(() -> removeNewest(tier));
        untilItAwaitsAnEvent(remove.thread);
        Waiter<DeviceException> flush =
            started(() -> assertThrows(DeviceException.class, tier.tier()::flush));
        untilItAwaitsAnEvent(flush.thread);
        release.countDown();
        assertEquals(StoreResult.UNAVAILABLE, put.task.get(BOUND_SECONDS, TimeUnit.SECONDS));
        assertTrue(remove.task.get(BOUND_SECONDS, TimeUnit.SECONDS));
        String why = flush.task.get(BOUND_SECONDS, TimeUnit.SECONDS).toString();
        assertTrue(why.contains(throwing ? "a test" : "simulated"), why);
      } finally {
        release.countDown();
        faults.beforeReads(() -> {});
      }
    }
  }

  /**
   * Fills the rest of the open extent with tombstones, and then waits. The keys are the newest,
   * since log maintenance recovers without a read if the oldest extent has no values.
   */
  private boolean removeNewest(SimTier tier) {
    boolean all = true;
    int newest = puts.get() - 2; // the last put waits
    for (int i = 0; i < 2 * VALUE_BYTES / 32; i++) {
      all &= tier.remove(newest - i);
    }
    return all;
  }

  /** A wait for the log is timed. A wait for a lock, before the backlog is pending, is not. */
  private static void untilItAwaitsAnEvent(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      assertTrue(thread.isAlive(), () -> thread + " ended instead of waiting");
      Thread.yield();
    }
  }

  private record Waiter<T>(FutureTask<T> task, Thread thread) {}

  private static <T> Waiter<T> started(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    return new Waiter<>(task, Together.start(task));
  }
}
