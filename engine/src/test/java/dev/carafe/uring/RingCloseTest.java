package dev.carafe.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Together;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.RefusedCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Closing a ring: it waits for the kernel and the callbacks, with a time limit, and no thread
 * accesses a closed ring (F3, M4). The time limit of the class only ends a test that hangs.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class RingCloseTest {
  @TempDir Path directory;

  @Test
  void closeWaitsForTheKernel() throws IOException {
    try (Fifo fifo = Fifo.in(directory)) {
      OpenRing open = OpenRing.over(fifo.path(), Libc.O_RDWR, 2);
      Transfer read = fifo.read();
      open.ring().submit(List.of(read));
      FutureTask<Boolean> closing = closing(open);
      Together.untilItWaits(Together.start(closing));
      assertEquals(0, read.completed.get());
      fifo.write(1);
      Together.join(closing);
      assertEquals(1, read.result);
      assertEquals(1, read.callbacks.get());
    }
  }

  /** Regression: permits were released before the callbacks, so close returned while they ran. */
  @Test
  void closeWaitsForTheCallback() throws InterruptedException {
    OpenRing open = OpenRing.over(directory, 2);
    Held held = new Held();
    FutureTask<Boolean> running =
        new FutureTask<>(() -> {
          open.ring().run(held);
          return true;
        });
    var _ = Together.start(running);
    held.inCallback.await();
    FutureTask<Boolean> closing = closing(open);
    Together.untilItWaits(Together.start(closing));
    assertFalse(closing.isDone());
    held.release.countDown();
    Together.join(closing);
    Together.join(running);
    assertEquals(1, held.callbacks.get());
  }

  private static FutureTask<Boolean> closing(OpenRing open) {
    return new FutureTask<>(() -> {
      open.close();
      return true;
    });
  }

  @Test
  void closeDuringTraffic() {
    for (int round = 0; round < 50; round++) {
      OpenRing open = OpenRing.over(directory, 4);
      AtomicInteger started = new AtomicInteger();
      AtomicInteger ended = new AtomicInteger();
      Together.platform(
          4,
          thread -> {
            if (thread == 0) {
              while (ended.get() < 20) {
                Thread.yield();
              }
              open.ring().close();
            } else {
              untilRefused(open.ring(), started, ended);
            }
          });
      open.close();
      assertTrue(ended.get() >= 20);
      assertEquals(started.get(), ended.get(), "each prepared operation has completed");
    }
  }

  private static void untilRefused(Ring ring, AtomicInteger started, AtomicInteger ended) {
    for (boolean open = true; open; ) {
      Nop op = new Nop();
      try {
        ring.run(op);
      } catch (IllegalStateException e) {
        assertEquals("the device is closed", e.getMessage());
        open = false;
      }
      started.getAndAdd(op.prepared.get());
      ended.getAndAdd(op.callbacks.get());
    }
  }

  @Test
  void closeWaitsForTheKernelWithABound() throws IOException { // M4
    try (Fifo fifo = Fifo.in(directory)) {
      OpenRing open = OpenRing.over(fifo.path(), Libc.O_RDWR, 2);
      Transfer read = fifo.read();
      open.ring().submit(read);
      Fifo.awaitPrepared(read);
      Ring ring = open.ring();
      long bound = TimeUnit.MILLISECONDS.toNanos(50);
      var failure = assertThrows(IllegalStateException.class, () -> ring.close(bound));
      assertTrue(String.valueOf(failure.getMessage()).contains("abandoned"), failure.getMessage());
      assertThrows(IllegalStateException.class, () -> ring.submit(new Nop()));
      fifo.write(1);
      ring.await(read); // its completion is still delivered
      assertEquals(1, read.result);
      open.close();
    } finally {
      RefusedCalls.forgetAbandonedRings();
    }
  }
}
