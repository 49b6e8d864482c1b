package dev.carafe.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Platform;
import dev.carafe.uring.ffi.RefusedCalls;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fallback to the next best device if the system refuses a better one (F2). */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StepDownTest {
  private static final int THREADS = 4;
  private static final int BLOCK = 4096;
  private static final long STATX = System.getProperty("os.arch").equals("aarch64") ? 291 : 332;

  @TempDir Path directory;

  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger told = new AtomicInteger();

  @BeforeEach
  void skipWhereThereIsNoRing() {
    Assumptions.assumeTrue(Platform.isSupported(), "this is not Linux");
    DeviceInfo info = opened();
    Assumptions.assumeTrue(info.kind() != DeviceInfo.Kind.CHANNEL, info.reason());
  }

  private DeviceInfo opened() {
    try (Device device = Devices.open(directory.resolve("file"), FileOptions.Io.AUTO, List.of())) {
      return device.info();
    }
  }

  @Test
  void openingWaitsForMemoryThatBecomesFreeSoon() {
    try (RefusedCalls calls = RefusedCalls.ofSyscall(RefusedCalls.SETUP, 3, Errno.ENOMEM)) {
      assertNotEquals(DeviceInfo.Kind.CHANNEL, opened().kind());
      assertEquals(3, calls.refused());
    }
  }

  @Test
  void aLastingShortageFallsBackToTheChannel() {
    try (RefusedCalls _ = RefusedCalls.ofSyscall(RefusedCalls.SETUP, Errno.ENOMEM)) {
      DeviceInfo info = opened();
      assertEquals(DeviceInfo.Kind.CHANNEL, info.kind());
      assertTrue(info.reason().contains("ENOMEM"), info::reason);
      assertTrue(info.reason().contains("RLIMIT_MEMLOCK"), info::reason);
    }
  }

  /** Threads transfer while the kernel begins to refuse the ring: each transfer runs once. */
  @ParameterizedTest
  @ValueSource(ints = {Errno.EPERM, Errno.ENOSYS})
  void theChannelReplacesARingThatIsRefusedLater(int errno) throws Exception {
    try (NativeMemory memory = NativeMemory.map(THREADS * BLOCK, false);
        Device device = Devices.open(directory.resolve("file"), FileOptions.Io.AUTO, List.of());
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      AtomicInteger done = new AtomicInteger();
      AtomicBoolean stopped = new AtomicBoolean();
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        long at = (long) i * BLOCK;
        MemorySegment block = memory.segment().asSlice(at, BLOCK);
        boolean waits = i % 2 == 0;
        futures.add(
            threads.submit(() -> {
              for (byte round = 0; !stopped.get(); round++) {
                run(device, IoOp.write(block.fill(round), at), waits);
                run(device, IoOp.read(block.fill((byte) -1), at), waits);
                run(device, IoOp.sync(), waits);
                assertEquals(round, block.get(ValueLayout.JAVA_BYTE, BLOCK - 1));
                done.incrementAndGet();
              }
              return null;
            }));
      }
      awaitMore(done, futures);
      try (RefusedCalls calls = RefusedCalls.ofSyscall(RefusedCalls.ENTER, errno)) {
        while (calls.refused() == 0) {
          awaitMore(done, futures);
        }
        awaitMore(done, futures);
      }
      awaitMore(done, futures);
      stopped.set(true);
      for (Future<?> future : futures) {
        var _ = future.get(30, TimeUnit.SECONDS);
      }
      DeviceInfo info = device.info();
      assertEquals(DeviceInfo.Kind.CHANNEL, info.kind());
      assertTrue(info.reason().contains("allow io_uring_enter"), info::reason);
    }
    assertEquals(started.get(), told.get());
  }

  private void run(Device device, IoOp op, boolean waits) {
    started.incrementAndGet();
    IoOp counted = op.onDone(result -> told.incrementAndGet());
    IoResult result;
    if (waits) {
      result = device.run(counted);
    } else {
      device.submit(counted);
      result = device.await(counted);
    }
    assertTrue(result.isDone(), result::toString);
  }

  private static void awaitMore(AtomicInteger done, List<Future<?>> futures) {
    int before = done.get();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (done.get() < before + 50 && futures.stream().noneMatch(Future::isDone)) {
      assertTrue(System.nanoTime() - end < 0, "no transfer completes any more");
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void sectorsLongerThanABlockAreNotTransferredDirectly() {
    for (int alignment : new int[] {0, 1, 512, 4096}) {
      assertNull(Devices.explainNotDirect(alignment));
    }
    for (int alignment : new int[] {8192, 16_384, 65_536}) {
      String why = String.valueOf(Devices.explainNotDirect(alignment));
      assertTrue(why.startsWith("no O_DIRECT: "), why);
      assertTrue(why.contains("sectors of " + alignment + " bytes"), why);
    }
  }

  /** Detected by statx, or, if the kernel does not report the alignment, by a failed transfer. */
  @ParameterizedTest
  @CsvSource({"8192, true", "16384, true", "16384, false"})
  void aFileSystemWithLongSectorsWorks(int sectorBytes, boolean asked) {
    try (LoopDisk disk = LoopDisk.xfsOrSkip(directory, sectorBytes)) {
      Path file = disk.root().resolve("file");
      try (RefusedCalls _ =
              RefusedCalls.ofSyscall(STATX, asked ? 0 : Integer.MAX_VALUE, Errno.ENOSYS);
          Device device = Devices.open(file, FileOptions.Io.AUTO, List.of());
          NativeMemory memory = NativeMemory.map(BLOCK, false)) {
        run(device, IoOp.write(memory.segment().fill((byte) 7), BLOCK), true);
        run(device, IoOp.read(memory.segment().fill((byte) 0), BLOCK), false);
        assertEquals(7, memory.segment().get(ValueLayout.JAVA_BYTE, BLOCK - 1));
        DeviceInfo info = device.info();
        assertFalse(info.direct());
        assertTrue(info.reason().contains("no O_DIRECT: "), info::reason);
        assertEquals(DeviceInfo.Kind.URING, info.kind());
      }
    }
  }
}
