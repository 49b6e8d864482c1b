package dev.carafe.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Together;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.NativeMapping;
import dev.carafe.uring.ffi.RefusedCalls;
import dev.carafe.uring.ffi.UringAbi;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A ring used by one thread: an operation's result is the kernel's, an incomplete operation is
 * submitted again, registered memory uses fixed buffers, and a refused ring has a reason (contract
 * F2, F3).
 */
final class RingTest {
  private static final int EBADF = 9;
  private static final int EFAULT = 14;

  @TempDir Path directory;

  @Test
  void anOperationEndsOnce() {
    try (OpenRing open = OpenRing.over(directory, 4)) {
      for (int i = 0; i < 1000; i++) { // many laps of four entries
        Nop op = new Nop();
        open.ring().run(op);
        assertEquals(0, op.result);
        assertEquals(1, op.prepared.get());
        assertEquals(1, op.completed.get());
        assertEquals(1, op.callbacks.get());
      }
    }
  }

  @Test
  void anIncompleteOperationIsSubmittedAgain() {
    try (OpenRing open = OpenRing.over(directory, 1)) {
      Nop stubborn =
          new Nop() {
            @Override
            protected boolean onResult(int outcome) {
              return super.onResult(outcome) && completed.get() == 5;
            }
          };
      open.ring().run(stubborn);
      assertEquals(5, stubborn.prepared.get());
      assertEquals(5, stubborn.completed.get());
      assertEquals(1, stubborn.callbacks.get());
      open.ring().run(new Nop()); // the ring has a free entry
    }
  }

  @Test
  void awaitOfACompletedOperationReturns() {
    try (OpenRing open = OpenRing.over(directory, 2)) {
      Nop op = new Nop();
      open.ring().submit(List.of(op));
      open.ring().await(op);
      open.ring().await(op);
      assertEquals(1, op.callbacks.get());
      open.ring().submit(List.of());
    }
  }

  @Test
  void aThrowingCallbackStopsNoOperation() {
    var log = java.util.logging.Logger.getLogger("dev.carafe");
    log.setLevel(java.util.logging.Level.OFF); // the exception is logged
    try (OpenRing open = OpenRing.over(directory, 2)) {
      Nop broken =
          new Nop() {
            @Override
            protected void onCompleted() {
              super.onCompleted();
              throw new IllegalStateException("on purpose");
            }
          };
      open.ring().run(broken);
      assertEquals(1, broken.callbacks.get());
      open.ring().run(new Nop());
      open.ring().run(new Nop());
    } finally {
      log.setLevel(null);
    }
  }

  @Test
  void bytesGoThroughPlainAndRegisteredMemory() throws IOException {
    try (NativeMapping mapping = NativeMapping.map(4096, false);
        OpenRing open = OpenRing.over(directory, 4)) {
      Ring ring = open.ring();
      MemorySegment memory = mapping.segment();
      Assumptions.assumeTrue(ring.register(List.of(memory)) == 0, "no memory can be locked");
      assertEquals(0, ring.fixed().indexOf(memory));
      for (int i = 0; i < 100; i++) {
        memory.set(JAVA_BYTE, i, (byte) i);
      }
      assertEquals(60, ran(ring, UringAbi.OP_WRITE_FIXED, memory.asSlice(0, 60), 0));
      assertEquals(40, ran(ring, UringAbi.OP_WRITE, memory.asSlice(60, 40), 60));
      assertArrayEquals(
          memory.asSlice(0, 100).toArray(JAVA_BYTE), Files.readAllBytes(directory.resolve("file")));
      assertEquals(100, ran(ring, UringAbi.OP_READ_FIXED, memory.asSlice(1000, 500), 0));
      assertEquals(10, ran(ring, UringAbi.OP_READ, memory.asSlice(2000, 500), 90));
      assertEquals(0, ran(ring, UringAbi.OP_READ, memory.asSlice(2000, 500), 100));
      assertEquals(-1, memory.asSlice(1000, 100).mismatch(memory.asSlice(0, 100)));
      assertEquals(-1, memory.asSlice(2000, 10).mismatch(memory.asSlice(90, 10)));
    }
  }

  private static int ran(Ring ring, int opcode, MemorySegment memory, long fileOffset) {
    Transfer transfer = new Transfer(opcode, 0, memory, fileOffset);
    ring.run(transfer);
    return transfer.result;
  }

  @Test
  void anErrorIsTheErrnoOfTheKernel() throws IOException {
    Path file = Files.write(directory.resolve("file"), new byte[100]);
    int readOnly = 0;
    try (NativeMapping mapping = NativeMapping.map(4096, false);
        OpenRing open = OpenRing.over(file, readOnly, 4)) {
      MemorySegment memory = mapping.segment();
      assertEquals(-EBADF, ran(open.ring(), UringAbi.OP_WRITE, memory, 0));
      assertEquals(-EFAULT, ran(open.ring(), UringAbi.OP_READ_FIXED, memory, 0), "no memory");
      assertEquals(100, ran(open.ring(), UringAbi.OP_READ, memory, 0));
    }
  }

  @Test
  void registeringTwiceIsRefusedAndHarmless() {
    try (NativeMapping first = NativeMapping.map(4096, false);
        NativeMapping second = NativeMapping.map(4096, false);
        OpenRing open = OpenRing.over(directory, 4)) {
      Ring ring = open.ring();
      assertEquals(FixedBuffers.NONE, ring.fixed().indexOf(first.segment()));
      Assumptions.assumeTrue(ring.register(List.of(first.segment())) == 0, "none to be locked");
      assertEquals(Errno.EBUSY, ring.register(List.of(second.segment())));
      assertEquals(0, ring.fixed().indexOf(first.segment()));
      assertEquals(FixedBuffers.NONE, ring.fixed().indexOf(second.segment()));
      assertEquals(4096, ran(ring, UringAbi.OP_WRITE_FIXED, first.segment(), 0));
    }
  }

  @Test
  void memoryThatCannotBeRegisteredIsRefused() {
    try (OpenRing open = OpenRing.over(directory, 4)) {
      MemorySegment nowhere = MemorySegment.ofAddress(4096); // of no bytes
      assertEquals(Errno.EFAULT, open.ring().register(List.of(nowhere)));
      open.ring().run(new Nop());
    }
  }

  @Test
  void aRefusedRingHasAReason() {
    OpenRing.over(directory, 1).close(); // or the test is skipped
    assertRefused(Ring.open(0, 0), "io_uring_setup", "EINVAL");
    assertRefused(Ring.open(4, 1 << 20), "io_uring_register of the file", "EBADF");
  }

  private static void assertRefused(Ring.Opened opened, String... words) {
    String reason = assertInstanceOf(Ring.Opened.Refused.class, opened).reason();
    for (String word : words) {
      assertTrue(reason.contains(word), reason);
    }
  }

  @Test
  void aClosedRingRefuses() {
    OpenRing open = OpenRing.over(directory, 2);
    Ring ring = open.ring();
    ring.run(new Nop());
    ring.close();
    Nop late = new Nop();
    var error = assertThrows(IllegalStateException.class, () -> ring.run(late));
    assertEquals("the device is closed", error.getMessage());
    assertThrows(IllegalStateException.class, () -> ring.submit(List.of(late)));
    assertEquals(0, late.prepared.get());
    open.close(); // closes the ring a second time, without effect
    assertEquals(-EBADF, Libc.fileBytes(open.file()));
  }

  @Test
  void aRingWithoutBackgroundWorkHasNoThread() {
    var before = Reapers.running();
    OpenRing open = OpenRing.over(directory, 2);
    open.ring().run(new Nop());
    assertEquals(before, Reapers.running());
    open.close();
  }

  /** Regression: the reaper and the pool each waited for the whole limit. */
  @Test
  @Timeout(60)
  void closeHasOneTimeLimit() throws InterruptedException { // M4
    OpenRing open = OpenRing.over(directory, 2);
    Held pooled = new Held();
    FutureTask<Boolean> running =
        new FutureTask<>(() -> {
          open.ring().run(pooled);
          return true;
        });
    try {
      var _ = Together.start(running);
      pooled.inCallback.await();
      long limit = TimeUnit.MINUTES.toNanos(2);
      AtomicLong clock = new AtomicLong();
      // According to the clock, closing the reaper took the whole limit, so the pool has no time.
      assertThrows(
          IllegalStateException.class,
          () -> open.ring().close(limit, () -> clock.getAndAdd(limit)));
    } finally {
      pooled.release.countDown();
      RefusedCalls.forgetAbandonedRings();
    }
    Together.join(running);
    open.close();
  }
}
