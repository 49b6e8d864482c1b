package dev.carafe.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.uring.ffi.Errno;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** Regression: messages of the file channel had Java's exception and no errno. */
  @Test
  void exceptionsOfJavaAreNamedByTheirErrno() {
    IOException full = new IOException("No space left on device");
    assertEquals(
        "/data/c.carafe: truncate failed: ENOSPC (no space left on device); free space on the file"
            + " system",
        SystemError.of(full).during("truncate", FILE).getMessage());
    assertEquals(Errno.ENOSPC, SystemError.of(full).during("truncate", FILE).errno());
    assertEquals(full, SystemError.of(full).during("truncate", FILE).getCause());
    IoResult.Failed failed = SystemError.of(full).during(IoOp.sync());
    assertEquals(
        "fdatasync failed with ENOSPC (no space left on device); free space on the file system",
        failed.message());
    assertEquals(Errno.ENOSPC, failed.errno());
    assertEquals(
        "/data/c.carafe: open failed: EACCES (permission denied); give the process's user access"
            + " to the path",
        SystemError.of(new AccessDeniedException("/data/c.carafe"))
            .during("open", FILE)
            .getMessage());
    assertEquals(
        "/data/c.carafe: size failed: java.io.IOException: unknown",
        SystemError.of(new IOException("unknown")).during("size", FILE).getMessage());
  }

  /** The channel and the descriptor name the same errno. */
  @Test
  void anOpeningThatIsRefusedNamesTheErrno(@TempDir Path directory) {
    Path tooLong = directory.resolve("x".repeat(300));
    for (FileOptions.Io io : List.of(FileOptions.Io.CHANNEL, FileOptions.Io.AUTO)) {
      var refused = assertThrows(DeviceException.class, () -> create(tooLong, io));
      assertEquals(36, refused.errno(), () -> refused.toString());
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("ENAMETOOLONG (file name too long); use a shorter"), message);
    }
  }

  private static void create(Path file, FileOptions.Io io) {
    try (Device device = Devices.open(file, io, List.of())) {
      device.publish();
    }
  }

  @Test
  void otherOperationsAreNamedFirst() {
    assertEquals(
        "/data/c.carafe: open failed: EACCES (permission denied)",
        message("open", Errno.describe(Errno.EACCES)));
  }
}
