package dev.carafe.device;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions.Io;
import dev.carafe.base.Together;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The registered memory of each device changes while it transfers (B1, F3). */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
final class RegistrationTest {
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 4;

  @TempDir Path directory;

  private static MemorySegment block(NativeMemory memory, int number) {
    return memory.segment().asSlice((long) number * BLOCK, BLOCK);
  }

  private static byte mark(int number) {
    return (byte) (number * 7 + 1);
  }

  private static void assertHolds(MemorySegment bytes, int number) {
    for (long at = 0; at < bytes.byteSize(); at++) {
      assertEquals(mark(number), bytes.get(JAVA_BYTE, at));
    }
  }

  /** Runs every other op through the reaper. */
  private static void run(Device device, IoOp op, boolean submitted) {
    if (submitted) {
      device.submit(op);
      assertTrue(device.await(op).isDone());
    } else {
      assertTrue(device.run(op).isDone());
    }
  }

  /** A kernel that kept the first registration would transfer the pages that were given back. */
  @ParameterizedTest
  @EnumSource(Io.class)
  void memoryThatWasGivenBackIsRegisteredAgain(Io io) {
    try (NativeMemory memory = NativeMemory.map((long) BLOCKS * BLOCK, false);
        NativeMemory other = NativeMemory.mapExtensible(BLOCK, 2L * BLOCK);
        Device device = OpenDevice.of(io, directory.resolve("file"), List.of(memory.segment()))) {
      MemorySegment first = other.segment().asSlice(0, BLOCK);
      for (int round = 0; round < 8; round++) {
        device.register(List.of(memory.segment(), first));
        var _ = first.fill(mark(round));
        run(device, IoOp.write(first, 0), false);
        run(device, IoOp.write(first, BLOCK), true);
        device.register(List.of(memory.segment()));
        other.discard(0, BLOCK);
        assertEquals(0, first.get(JAVA_BYTE, 0));
        run(device, IoOp.read(block(memory, 0), 0), false);
        assertHolds(block(memory, 0), round);
        run(device, IoOp.read(block(memory, 1), BLOCK), true);
        assertHolds(block(memory, 1), round);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Io.class)
  void opsContinueWhileMemoryIsRegistered(Io io) {
    try (NativeMemory memory = NativeMemory.map((long) BLOCKS * BLOCK, false);
        Device device = OpenDevice.of(io, directory.resolve("file"), List.of(memory.segment()))) {
      for (int i = 0; i < BLOCKS; i++) {
        var _ = block(memory, i).fill(mark(i));
        run(device, IoOp.write(block(memory, i), (long) i * BLOCK), false);
      }
      AtomicInteger running = new AtomicInteger(BLOCKS);
      Together.platform(
          BLOCKS + 1,
          me -> {
            if (me == BLOCKS) {
              while (running.get() > 0) {
                device.register(List.of(memory.segment().asSlice(0, 2L * BLOCK)));
                device.register(List.of(memory.segment()));
              }
              return;
            }
            try {
              for (int i = 0; i < 500; i++) {
                var _ = block(memory, me).fill((byte) 0);
                run(device, IoOp.read(block(memory, me), (long) me * BLOCK), i % 2 == 0);
                assertHolds(block(memory, me), me);
              }
            } finally {
              running.getAndDecrement();
            }
          });
    }
  }
}
