package dev.carafe.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions.Io;
import dev.carafe.base.NoThreads;
import dev.carafe.base.Together;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Behavior specific to the file channel. */
@Timeout(60)
final class ChannelDeviceTest {
  private static final int BYTES = 1 << 20;
  private static final int INTERRUPTS = 100;

  @TempDir Path directory;

  /** Regression: submit threw the exception of the thread pool, and the caller lost a permit. */
  @Test
  void withoutAThreadTheCallerTransfers() { // F6
    Path path = directory.resolve("cache.carafe");
    try (Device device = Devices.open(path, Io.CHANNEL, List.of());
        NativeMemory memory = NativeMemory.map(4096, false);
        NoThreads none = NoThreads.forNow()) {
      for (int i = 0; i < 600; i++) {
        IoOp op = IoOp.write(memory.segment(), 0);
        device.submit(op);
        assertTrue(device.await(op).isDone());
      }
      assertTrue(none.refused() > 0);
    }
  }

  /**
   * Regression: after an interrupt the channel was reopened by its path, which may name another
   * file.
   */
  @Test
  void anInterruptDoesNotSwitchToAFileThatReplacedIt() throws Exception { // D4, F1
    Path path = directory.resolve("cache.carafe");
    Path moved = directory.resolve("moved.carafe");
    try (Device device = Devices.open(path, Io.CHANNEL, List.of());
        NativeMemory memory = NativeMemory.map(BYTES, false)) {
      device.publish();
      Files.move(path, moved);
      Files.createFile(path);
      AtomicInteger interrupts = new AtomicInteger();
      FutureTask<Boolean> writes =
          new FutureTask<>(() -> {
            while (interrupts.get() < INTERRUPTS) {
              IoResult result = device.run(IoOp.write(memory.segment(), 0));
              assertTrue(result.isDone(), result::toString);
              interrupts.addAndGet(Thread.interrupted() ? 1 : 0);
            }
            return true;
          });
      Thread writer = Together.start(writes);
      while (writer.isAlive()) {
        writer.interrupt();
        Thread.yield();
      }
      Together.join(writes);
      assertEquals(0, Files.size(path), "the device wrote to the other file");
      assertEquals(BYTES, Files.size(moved));
    }
  }
}
