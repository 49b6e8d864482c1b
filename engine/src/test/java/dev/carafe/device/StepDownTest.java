package dev.carafe.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions;
import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Platform;
import dev.carafe.uring.ffi.RefusedCalls;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The next best device where the system refuses a better one (F2). */
final class StepDownTest {
  @TempDir Path directory;

  @BeforeEach
  void skipWhereThereIsNoRing() {
    Assumptions.assumeTrue(Platform.isLinux(), "this is not Linux");
    DeviceInfo info = opened();
    Assumptions.assumeTrue(info.kind() != DeviceInfo.Kind.CHANNEL, info.reason());
  }

  private DeviceInfo opened() {
    try (Device device = Devices.open(directory.resolve("file"), FileOptions.Io.AUTO, List.of())) {
      return device.info();
    }
  }

  @Test
  void aShortageOfMemoryThatEndsSoonIsWaitedFor() {
    try (RefusedCalls calls = RefusedCalls.ofSyscall(RefusedCalls.SETUP, 3, Errno.ENOMEM)) {
      assertNotEquals(DeviceInfo.Kind.CHANNEL, opened().kind());
      assertEquals(3, calls.refused());
    }
  }

  @Test
  void aShortageThatStaysLeavesTheChannel() {
    try (RefusedCalls _ = RefusedCalls.ofSyscall(RefusedCalls.SETUP, Errno.ENOMEM)) {
      DeviceInfo info = opened();
      assertEquals(DeviceInfo.Kind.CHANNEL, info.kind());
      assertTrue(info.reason().contains("ENOMEM"), info::reason);
      assertTrue(info.reason().contains("RLIMIT_MEMLOCK"), info::reason);
    }
  }
}
