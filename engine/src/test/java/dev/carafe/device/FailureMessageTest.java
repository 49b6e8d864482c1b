package dev.carafe.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.carafe.DeviceException;
import dev.carafe.uring.ffi.Errno;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Messages name path, operation, length, offset and errno, each once (contract F1). */
final class FailureMessageTest {
  private static final int EIO = 5;
  private static final Path FILE = Path.of("/data/c.carafe");

  private static String message(String operation, String why) {
    return String.valueOf(new DeviceException(operation, FILE, EIO, why, null).getMessage());
  }

  @Test
  void transfersNameLengthAndOffset() {
    try (NativeMemory memory = NativeMemory.map(4096, false)) {
      String why = IoOp.write(memory.segment(), 65_536).failedWith(Errno.describe(EIO));
      assertEquals(
          "/data/c.carafe: write of 4096 bytes at offset 65536 failed with"
              + " EIO (input/output error)",
          message("write", why));
      assertEquals(
          "/data/c.carafe: flush failed: write of 4096 bytes at offset 65536 failed with"
              + " EIO (input/output error)",
          message("flush", why));
    }
  }

  @Test
  void syncsNameTheCall() {
    String why = IoOp.sync().failedWith(Errno.describe(EIO));
    assertEquals(
        "/data/c.carafe: fdatasync failed with EIO (input/output error)",
        message("fdatasync", why));
  }

  @Test
  void otherOperationsAreNamedFirst() {
    assertEquals(
        "/data/c.carafe: open failed: EACCES (permission denied)",
        message("open", Errno.describe(Errno.EACCES)));
  }
}
