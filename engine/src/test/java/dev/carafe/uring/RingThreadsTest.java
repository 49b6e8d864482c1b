package dev.carafe.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Together;
import dev.carafe.uring.ffi.Libc;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A ring used by several threads: no completion is lost, a submitter waits at a full ring (B3), and
 * an idle ring wakes no thread (B5). The time limit only ends a test that hangs.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class RingThreadsTest {
  private static final int ROUNDS = 2000;

  @TempDir Path directory;

  private static List<Nop> nops(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Nop()).toList();
  }

  @Test
  void manyThreadsRunOperations() {
    try (OpenRing open = OpenRing.over(directory, 8)) {
      Together.platform(
          4,
          thread -> {
            for (int i = 0; i < ROUNDS; i++) {
              Nop op = new Nop();
              open.ring().run(op);
              assertEquals(1, op.callbacks.get());
            }
          });
    }
  }

  /** All pooled rings are in use, and the reaper serves the other threads. */
  @Test
  void moreThreadsThanPooledRings() {
    try (OpenRing open = OpenRing.over(directory, 8)) {
      Together.platform(
          100,
          thread -> {
            for (int i = 0; i < ROUNDS / 20; i++) {
              List<Nop> batch = nops(1 + (thread + i) % 3);
              open.ring().runAll(batch);
              batch.forEach(op -> assertEquals(1, op.callbacks.get()));
            }
          });
    }
  }

  /** Each submission races with the reaper going to sleep, parked or in the kernel. */
  @Test
  void aSleepingReaperMissesNoSubmission() throws IOException {
    try (Fifo fifo = Fifo.in(directory);
        OpenRing open = OpenRing.over(fifo.path(), Libc.O_RDWR, 8)) {
      for (int i = 0; i < ROUNDS; i++) {
        handOver(open.ring()); // to a parked reaper
      }
      Transfer pending = fifo.read();
      open.ring().submit(List.of(pending));
      for (int i = 0; i < ROUNDS; i++) {
        handOver(open.ring()); // to a reaper that waits in the kernel
      }
      fifo.write(1);
      open.ring().await(pending);
    }
  }

  private static void handOver(Ring ring) {
    Nop op = new Nop();
    ring.submit(op);
    ring.await(op);
    assertEquals(1, op.callbacks.get());
  }

  /** A callback gets the permit of its completed operation even if all permits are taken. */
  @Test
  void aCallbackOfAFullRingStartsTheNext() throws InterruptedException {
    try (OpenRing open = OpenRing.over(directory, 2)) {
      int length = ROUNDS;
      CountDownLatch ended = new CountDownLatch(4);
      for (int chain = 0; chain < 4; chain++) {
        open.ring().submit(chain(open.ring(), length, ended));
      }
      ended.await();
    }
  }

  private static Nop chain(Ring ring, int left, CountDownLatch ended) {
    return new Nop() {
      @Override
      protected void onCompleted() {
        super.onCompleted();
        if (left == 0) {
          ended.countDown();
        } else {
          ring.submit(chain(ring, left - 1, ended));
        }
      }
    };
  }

  @Test
  void virtualAndPlatformThreadsMix() {
    try (OpenRing open = OpenRing.over(directory, 4)) {
      FutureTask<Boolean> platform =
          new FutureTask<>(() -> {
            for (int i = 0; i < ROUNDS; i++) {
              open.ring().run(new Nop());
            }
            return true;
          });
      var _ = Together.start(platform);
      Together.virtual(
          50,
          thread -> {
            for (int i = 0; i < ROUNDS / 50; i++) {
              Nop op = new Nop();
              open.ring().run(op);
              assertEquals(1, op.callbacks.get());
            }
          });
      Together.join(platform);
    }
  }

  @Test
  void everyCallbackRunsOnceWithoutAWaitingThread() {
    List<Nop> all = nops(4 * ROUNDS);
    OpenRing open = OpenRing.over(directory, 8);
    Together.platform(
        4,
        thread -> {
          for (int i = thread; i < all.size(); i += 4) {
            open.ring().submit(List.of(all.get(i)));
          }
        });
    open.close(); // waits for all
    all.forEach(op -> assertEquals(1, op.callbacks.get()));
  }

  /**
   * Regression: the reaper was woken only after the whole batch, so the rest of the batch waited
   * for permits forever.
   */
  @Test
  void aBatchLargerThanTheRing() throws InterruptedException {
    try (OpenRing open = OpenRing.over(directory, 4)) {
      List<Nop> batch = nops(1001);
      open.ring().submit(batch);
      for (Nop op : batch) {
        op.finished.await();
        assertEquals(1, op.callbacks.get());
      }
    }
  }

  /**
   * Regression: a waiter whose operation was reaped but not ended yet waited in the kernel for a
   * completion that could not come.
   */
  @Test
  void noThreadWaitsInTheKernelForAReapedOperation() throws InterruptedException {
    try (OpenRing open = OpenRing.over(directory, 4)) {
      Held held = new Held();
      Nop behind = new Nop();
      open.ring().submit(List.of(held, behind)); // one turn reaps both
      held.inCallback.await();
      FutureTask<Boolean> waiting =
          new FutureTask<>(() -> {
            open.ring().await(behind);
            return true;
          });
      Thread waiter = Together.start(waiting);
      Together.untilItWaits(waiter); // for the thread that reaped it, not for the kernel
      assertEquals(0, behind.callbacks.get());
      held.release.countDown();
      Together.join(waiting);
      assertEquals(1, behind.callbacks.get());
    }
  }

  @Test
  void aSubmitterWaitsAtAFullRing() throws IOException {
    try (Fifo fifo = Fifo.in(directory);
        OpenRing open = OpenRing.over(fifo.path(), Libc.O_RDWR, 2)) {
      List<Transfer> reads = List.of(fifo.read(), fifo.read());
      open.ring().submit(reads);
      Transfer third = fifo.read();
      FutureTask<Boolean> submitting =
          new FutureTask<>(() -> {
            open.ring().submit(List.of(third));
            open.ring().await(third); // the exit of the thread would cancel its operation
            return true;
          });
      Together.untilItWaits(Together.start(submitting));
      assertEquals(0, third.prepared.get());
      fifo.write(3);
      Together.join(submitting);
      for (Transfer read : List.of(reads.get(0), reads.get(1), third)) {
        open.ring().await(read);
        assertEquals(1, read.result);
        assertEquals(1, read.callbacks.get());
      }
    }
  }

  @Test
  void anInterruptEndsNoWaitAndIsRestored() throws IOException {
    try (Fifo fifo = Fifo.in(directory);
        OpenRing open = OpenRing.over(fifo.path(), Libc.O_RDWR, 2)) {
      Transfer read = fifo.read();
      FutureTask<Boolean> running =
          new FutureTask<>(() -> {
            Thread.currentThread().interrupt();
            open.ring().run(read);
            return Thread.interrupted();
          });
      Thread thread = Together.start(running);
      thread.interrupt();
      fifo.write(1);
      Together.join(running);
      assertEquals(1, read.result);
      assertTrue(running.resultNow(), "the interrupt was lost");
    }
  }

  @Test
  void anIdleRingWakesNoThread() throws InterruptedException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Assumptions.assumeTrue(threads.isThreadCpuTimeEnabled(), "no thread CPU times");
    Set<Thread> before = Reapers.running();
    try (OpenRing open = OpenRing.over(directory, 4)) {
      Nop background = new Nop();
      open.ring().submit(List.of(background));
      background.finished.await();
      List<Thread> mine = new ArrayList<>(Reapers.running());
      mine.removeAll(before);
      assertEquals(1, mine.size());
      Thread reaper = mine.getFirst();
      Together.untilItWaits(reaper);
      long waits = threads.getThreadInfo(reaper.threadId()).getWaitedCount();
      long cpuNanos = threads.getThreadCpuTime(reaper.threadId());
      long myNanos = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < ROUNDS; i++) {
        open.ring().run(new Nop()); // a waiting platform thread needs no reaper
      }
      myNanos = threads.getCurrentThreadCpuTime() - myNanos;
      cpuNanos = threads.getThreadCpuTime(reaper.threadId()) - cpuNanos;
      waits = threads.getThreadInfo(reaper.threadId()).getWaitedCount() - waits;
      assertEquals(Thread.State.WAITING, reaper.getState());
      assertTrue(waits <= 1, "the reaper woke up " + waits + " times"); // 1: it was about to park
      assertTrue(cpuNanos <= myNanos / 10, cpuNanos + " ns of CPU while this took " + myNanos);
    }
    assertEquals(before, Reapers.running(), "close ends the reaper");
  }
}
