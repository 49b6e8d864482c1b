package dev.carafe.device;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Together;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract of all devices. An op completes once, with its own bytes or with the number
 * transferred (F3). Each waiting thread receives the result, for each way to wait and each kind of
 * thread. A callback may start the next op. Closing waits for ops in flight (M4).
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
abstract class DeviceContract {
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 64;

  @TempDir Path directory;

  private NativeMemory memory = NativeMemory.map(1, false);
  private Device device = new SimDevice(new SimDisk(new byte[0]), new FaultPlan(0), false);

  /** A device over an empty file, or a skipped test. */
  abstract Device open(Path file, List<MemorySegment> fixed);

  @BeforeEach
  void open() {
    memory = NativeMemory.map((long) BLOCKS * BLOCK, false);
    device = open(directory.resolve("file"), List.of(memory.segment()));
  }

  @AfterEach
  void close() {
    device.close();
    memory.close();
  }

  private MemorySegment block(int number) {
    return memory.segment().asSlice((long) number * BLOCK, BLOCK);
  }

  private static byte mark(int number) {
    return (byte) (number * 7 + 1);
  }

  private void write(int blocks) {
    for (int i = 0; i < blocks; i++) {
      var _ = block(i).fill(mark(i));
      IoResult result = device.run(IoOp.write(block(i), (long) i * BLOCK));
      assertEquals(new IoResult.Done(BLOCK), result);
    }
    memory.segment().fill((byte) 0);
  }

  private static void assertHolds(MemorySegment bytes, int number) {
    for (long at = 0; at < bytes.byteSize(); at++) {
      assertEquals(mark(number), bytes.get(JAVA_BYTE, at));
    }
  }

  @Test
  void whatWasWrittenIsRead() {
    write(8);
    assertEquals(8L * BLOCK, device.fileBytes());
    assertEquals(new IoResult.Done(0), device.run(IoOp.sync()));
    for (int i = 0; i < 8; i++) {
      assertTrue(device.run(IoOp.read(block(i), (long) i * BLOCK)).isDone());
      assertHolds(block(i), i);
    }
  }

  @Test
  void unregisteredMemoryWorks() {
    write(2);
    try (NativeMemory other = NativeMemory.map(BLOCK, false)) {
      assertTrue(device.run(IoOp.read(other.segment(), BLOCK)).isDone());
      assertHolds(other.segment(), 1);
    }
  }

  @Test
  void anOpThatWasSubmittedCanBeAwaitedTwice() {
    write(1);
    IoOp op = IoOp.read(block(0), 0);
    device.submit(op);
    IoResult result = device.await(op);
    assertSame(result, device.await(op));
    assertSame(result, op.result());
    assertTrue(op.isDone());
    assertHolds(block(0), 0);
  }

  @Test
  void allOpsOfABatchComplete() {
    write(BLOCKS);
    List<IoOp> ops = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      ops.add(IoOp.read(block(i), (long) i * BLOCK));
    }
    device.runAll(ops);
    for (int i = 0; i < BLOCKS; i++) {
      assertEquals(new IoResult.Done(BLOCK), ops.get(i).result());
      assertHolds(block(i), i);
    }
    device.runAll(List.of());
    device.submitAll(List.of());
  }

  /** More ops than any queue holds. */
  @Test
  void allOpsOfALargeBatchComplete() {
    write(1);
    List<IoOp> ops = IntStream.range(0, 1000).mapToObj(i -> IoOp.read(block(0), 0)).toList();
    device.runAll(ops);
    ops.forEach(op -> assertEquals(new IoResult.Done(BLOCK), op.result()));
    List<IoOp> more = IntStream.range(0, 1000).mapToObj(i -> IoOp.read(block(0), 0)).toList();
    device.submitAll(more);
    more.forEach(op -> assertEquals(new IoResult.Done(BLOCK), device.await(op)));
  }

  @Test
  void aCallbackRunsOnce() throws InterruptedException {
    write(1);
    AtomicInteger told = new AtomicInteger();
    CountDownLatch first = new CountDownLatch(1);
    IoOp op =
        IoOp.read(block(0), 0)
            .onDone(result -> {
              told.getAndIncrement();
              first.countDown();
            });
    device.submit(op);
    first.await();
    assertTrue(device.await(op).isDone());
    assertEquals(1, told.get());
  }

  @Test
  void anExceptionOfACallbackDoesNotStopTheDevice() { // F5
    var log = java.util.logging.Logger.getLogger("dev.carafe");
    log.setLevel(java.util.logging.Level.OFF); // the exception is logged
    try {
      write(1);
      for (int i = 0; i < 600; i++) { // more than any queue holds
        IoOp op =
            IoOp.read(block(0), 0)
                .onDone(result -> {
                  throw new StackOverflowError("a test");
                });
        if (i % 2 == 0) {
          device.submit(op);
          assertTrue(device.await(op).isDone());
        } else {
          assertTrue(device.run(op).isDone());
        }
      }
    } finally {
      log.setLevel(null);
    }
  }

  /** A server may run only in callbacks. */
  @Test
  void aCallbackStartsTheNextOp() throws InterruptedException {
    write(4);
    CountDownLatch remaining = new CountDownLatch(4 * 500);
    AtomicInteger toStart = new AtomicInteger(4 * 500 - 4);
    for (int i = 0; i < 4; i++) {
      next(i, remaining, toStart);
    }
    remaining.await();
    for (int i = 0; i < 4; i++) {
      assertHolds(block(i), i);
    }
  }

  private void next(int number, CountDownLatch remaining, AtomicInteger toStart) {
    IoOp op = IoOp.read(block(number), (long) number * BLOCK);
    device.submit(
        op.onDone(result -> {
          remaining.countDown();
          if (result.isDone() && toStart.getAndDecrement() > 0) {
            next(number, remaining, toStart);
          }
        }));
  }

  @Test
  void aReadPastTheEndOfTheFileIsShort() {
    write(2);
    IoOp over = IoOp.read(memory.segment().asSlice(0, 3L * BLOCK), BLOCK);
    assertEquals(new IoResult.Short(BLOCK, 3 * BLOCK), device.run(over));
    assertHolds(block(0), 1);
    IoOp beyond = IoOp.read(block(0), 10L * BLOCK);
    assertEquals(new IoResult.Short(0, BLOCK), device.run(beyond));
  }

  @Test
  void theLengthChanges() {
    write(4);
    device.setFileBytes(2L * BLOCK);
    assertEquals(2L * BLOCK, device.fileBytes());
    assertInstanceOf(IoResult.Short.class, device.run(IoOp.read(block(0), 3L * BLOCK)));
    device.setFileBytes(4L * BLOCK);
    assertTrue(device.run(IoOp.read(block(0), 3L * BLOCK)).isDone());
    assertEquals(0, block(0).get(JAVA_BYTE, 0), "a hole");
  }

  @Test
  void platformAndVirtualThreadsReadTheirOwnBlocks() {
    write(BLOCKS);
    int half = BLOCKS / 2;
    FutureTask<Boolean> platform =
        new FutureTask<>(() -> {
          Together.platform(half, number -> readOften(number));
          return true;
        });
    var _ = Together.start(platform);
    Together.virtual(half, number -> readOften(half + number));
    Together.join(platform);
  }

  private void readOften(int number) {
    SplittableRandom random = new SplittableRandom(number);
    for (int i = 0; i < 100; i++) {
      int which = random.nextInt(BLOCKS);
      IoOp op = IoOp.read(block(number), (long) which * BLOCK);
      switch (random.nextInt(3)) {
        case 0 -> assertTrue(device.run(op).isDone());
        case 1 -> {
          device.submit(op);
          assertTrue(device.await(op).isDone());
        }
        default -> {
          device.runAll(List.of(op));
          assertEquals(new IoResult.Done(BLOCK), op.result());
        }
      }
      assertHolds(block(number), which);
    }
  }

  @Test
  void anInterruptEndsNoOpAndIsRestored() throws InterruptedException {
    write(2);
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              Thread.currentThread().interrupt();
              for (int i = 0; i < 10; i++) {
                assertTrue(device.run(IoOp.read(block(0), BLOCK)).isDone());
                IoOp op = IoOp.read(block(1), 0);
                device.submit(op);
                assertTrue(device.await(op).isDone());
              }
              assertTrue(Thread.currentThread().isInterrupted());
              block(2).fill((byte) 1);
            });
    thread.join();
    assertEquals(1, block(2).get(JAVA_BYTE, 0), "the thread failed");
    assertHolds(block(0), 1);
    assertHolds(block(1), 0);
  }

  @Test
  void closeWaitsAndLaterCallsThrow() {
    write(BLOCKS);
    AtomicInteger told = new AtomicInteger();
    for (int i = 0; i < BLOCKS; i++) {
      device.submit(IoOp.read(block(i), (long) i * BLOCK).onDone(result -> told.getAndIncrement()));
    }
    device.close();
    assertEquals(BLOCKS, told.get());
    for (int i = 0; i < BLOCKS; i++) {
      assertHolds(block(i), i);
    }
    assertClosed(device);
    device.close();
  }

  /** Calls of a closed device. */
  void assertClosed(Device closed) {
    IoOp late = IoOp.read(block(0), 0);
    assertThrows(IllegalStateException.class, () -> closed.run(late));
    assertThrows(IllegalStateException.class, () -> closed.submit(IoOp.sync()));
    assertThrows(IllegalStateException.class, () -> closed.runAll(List.of(IoOp.sync())));
    assertThrows(IllegalStateException.class, closed::fileBytes);
    assertThrows(IllegalStateException.class, () -> closed.setFileBytes(0));
  }
}
