package dev.carafe.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.LogsOff;
import dev.carafe.base.NoThreads;
import dev.carafe.base.Together;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.NativeMapping;
import dev.carafe.uring.ffi.OpenDescriptors;
import dev.carafe.uring.ffi.RefusedCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A ring whose system calls are refused, at opening or later, whose thread can't be started, or
 * whose callbacks throw. Each operation still ends once, no resource leaks, no thread waits
 * forever, and the ring works again when the fault ends (contract F2, F5, F6).
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
@LogsOff
final class RefusingKernelTest {
  private static final int ENTRIES = 8;

  @TempDir Path directory;

  @BeforeEach
  void skipWithoutIoUring() {
    OpenRing.over(directory, 1).close();
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EPERM, Errno.ENOSYS})
  void aRefusedEnterIsDetectedAtOpening(int errno) throws IOException { // F2
    OpenDescriptors before = OpenDescriptors.now();
    int file = Libc.open(directory.resolve("file").toString(), Libc.O_RDWR);
    try (RefusedCalls calls = RefusedCalls.ofSyscall(RefusedCalls.ENTER, errno)) {
      var refused = assertInstanceOf(Ring.Opened.Refused.class, Ring.open(ENTRIES, file));
      assertTrue(refused.reason().contains("allow io_uring_enter"), refused.reason());
      assertEquals(errno, refused.errno());
      assertTrue(calls.refused() > 0);
    }
    var _ = Libc.close(file);
    assertEquals(before, OpenDescriptors.now());
  }

  /** Each system call fails in turn: once, or with all later calls. */
  @ParameterizedTest
  @ValueSource(ints = {1, Integer.MAX_VALUE})
  void aFailedCallDuringOpeningLeaksNothing(int times) throws IOException { // F2
    OpenDescriptors before = OpenDescriptors.now();
    try (NativeMapping memory = NativeMapping.map(4096, false)) {
      int file = Libc.open(directory.resolve("file").toString(), Libc.O_RDWR);
      int refused = 1;
      for (int first = 0; refused > 0; first++) {
        try (RefusedCalls calls = RefusedCalls.from(first, times, Errno.ENOMEM)) {
          switch (Ring.open(ENTRIES, file)) {
            case Ring.Opened.Refused no -> assertEquals(Errno.ENOMEM, no.errno());
            case Ring.Opened.Ready(Ring ring) -> {
              var _ = ring.register(List.of(memory.segment()));
              Nop op = new Nop();
              ring.run(op);
              assertEquals(1, op.callbacks.get());
              ring.close();
            }
          }
          refused = calls.refused();
        } catch (OutOfMemoryError e) {
          assertTrue(String.valueOf(e.getMessage()).contains("mmap"), e.getMessage());
        }
        assertEquals(before, OpenDescriptors.now(), "call " + first);
      }
      var _ = Libc.close(file);
    }
  }

  @Test
  void anEnterRefusedInUseRefusesTheOperation() { // F2
    try (OpenRing open = OpenRing.over(directory, ENTRIES)) {
      Ring ring = open.ring();
      ring.run(new Nop());
      List<Nop> ops = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ops.add(new Nop());
      }
      try (RefusedCalls calls = RefusedCalls.ofSyscall(RefusedCalls.ENTER, Errno.EPERM)) {
        ring.run(ops.getFirst());
        ring.runAll(ops.subList(1, 100));
        ring.submit(ops.get(100));
        ring.await(ops.get(100));
        ring.submit(ops.subList(101, 200));
        ops.subList(101, 200).forEach(ring::await);
        assertTrue(calls.refused() > 0);
      }
      for (Nop op : ops) {
        assertEquals(-Errno.EPERM, op.result);
        assertEquals(1, op.callbacks.get());
        assertEquals(0, op.completed.get());
      }
      assertWorks(ring);
    }
  }

  @Test
  void operationsInFlightCompleteAfterEnterIsRefused() throws IOException { // F3
    try (Fifo fifo = Fifo.in(directory);
        OpenRing open = OpenRing.over(fifo.path(), Libc.O_RDWR, ENTRIES)) {
      Transfer read = fifo.read();
      open.ring().submit(read);
      Nop after = new Nop();
      open.ring().submit(after);
      open.ring().await(after); // then the kernel has taken the read
      try (RefusedCalls _ = RefusedCalls.ofSyscall(RefusedCalls.ENTER, Errno.EPERM)) {
        Nop refused = new Nop();
        open.ring().submit(refused);
        open.ring().await(refused);
        assertEquals(0, read.callbacks.get(), "the kernel still owns the buffer");
        fifo.write(1);
        open.ring().await(read);
        assertEquals(1, read.result);
      }
      assertEquals(1, read.callbacks.get());
    }
  }

  @Test
  void withoutAThreadOperationsAreRefusedUntilOneStarts() { // F6
    try (OpenRing open = OpenRing.over(directory, ENTRIES)) {
      try (NoThreads none = NoThreads.forNow()) {
        for (int i = 0; i < 3 * ENTRIES; i++) { // no slot is lost
          Nop op = new Nop();
          open.ring().submit(op);
          open.ring().await(op);
          assertEquals(-Errno.EAGAIN, op.result);
          assertEquals(1, op.callbacks.get());
        }
        assertTrue(none.refused() > 0);
        String failure = String.valueOf(open.ring().failure());
        assertTrue(failure.contains("carafe-reaper can't be started"), failure);
        Nop waited = new Nop();
        open.ring().run(waited); // needs no reaper
        assertEquals(0, waited.result);
      }
      Nop op = new Nop();
      while (op.result != 0) {
        op = new Nop();
        open.ring().submit(op);
        open.ring().await(op);
      }
      assertNull(open.ring().failure());
      assertWorks(open.ring());
    }
  }

  private static void assertWorks(Ring ring) {
    for (int i = 0; i < 3 * ENTRIES; i++) {
      Nop waited = new Nop();
      ring.run(waited);
      assertEquals(0, waited.result);
      Nop submitted = new Nop();
      ring.submit(List.of(submitted, new Nop()));
      ring.await(submitted);
      assertEquals(0, submitted.result);
    }
  }

  @Test
  void aThrowingCallbackDoesNotStopTheRing() { // F5
    List<Supplier<Throwable>> thrown =
        List.of(
            () -> new AssertionError("a test"),
            () -> new StackOverflowError("a test"),
            () -> new OutOfMemoryError("a test"),
            () -> new IOException("a test"));
    try (OpenRing open = OpenRing.over(directory, ENTRIES)) {
      for (int i = 0; i < 12 * ENTRIES; i++) {
        Throws op = new Throws(Throws.Place.values()[i % 3], thrown.get(i / 3 % 4));
        if (i % 2 == 0) {
          open.ring().submit(op);
          open.ring().await(op);
        } else {
          open.ring().run(op);
        }
        assertEquals(1, op.callbacks.get());
      }
      assertWorks(open.ring());
      assertNull(open.ring().failure());
    }
  }

  /** An operation that throws. */
  private static final class Throws extends Nop {
    enum Place {
      PREPARE,
      PROGRESS,
      FINISHED
    }

    private final Place place;
    private final Supplier<Throwable> thrown;

    Throws(Place place, Supplier<Throwable> thrown) {
      this.place = place;
      this.thrown = thrown;
    }

    @Override
    protected void prepare(SubmissionQueue queue, long userData) {
      super.prepare(queue, userData);
      at(Place.PREPARE);
    }

    @Override
    protected boolean onResult(int outcome) {
      at(Place.PROGRESS);
      return super.onResult(outcome);
    }

    @Override
    protected void onCompleted() {
      super.onCompleted();
      at(Place.FINISHED);
    }

    private void at(Place here) {
      if (here == place) {
        throw Throws.<RuntimeException>sneaky(thrown.get());
      }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E sneaky(Throwable e) throws E {
      throw (E) e;
    }
  }

  /**
   * With little stack left, an operation is refused before it changes any state, or it completes.
   */
  @Test
  void aStackOverflowLosesNothing() throws InterruptedException { // F5
    try (OpenRing open = OpenRing.over(directory, ENTRIES)) {
      for (int round = 0; round < 10; round++) {
        Thread deep = new Thread(null, () -> down(open.ring(), 0), "deep", 256 << 10);
        deep.start();
        deep.join();
      }
      assertWorks(open.ring());
      Together.platform(4, thread -> assertWorks(open.ring()));
    }
  }

  private static int down(Ring ring, int depth) {
    int below;
    try {
      below = depth < 0 ? 0 : down(ring, depth + 1) + 1;
    } catch (StackOverflowError e) {
      below = 0;
    }
    if (below < 300) {
      try {
        Nop op = new Nop();
        if (below % 2 == 0) {
          ring.run(op);
        } else {
          ring.submit(op);
        }
      } catch (StackOverflowError e) {
        return below;
      }
    }
    return below;
  }
}
