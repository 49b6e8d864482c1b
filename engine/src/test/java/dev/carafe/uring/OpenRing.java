package dev.carafe.uring;

import dev.carafe.uring.ffi.Errno;
import dev.carafe.uring.ffi.Libc;
import dev.carafe.uring.ffi.Platform;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A ring over one file. Without io_uring the test is skipped. */
record OpenRing(Ring ring, int file) implements AutoCloseable {
  static OpenRing over(Path path, int flags, int entries) {
    Assumptions.assumeTrue(Platform.isSupported(), "this is not Linux");
    int file = Libc.open(path.toString(), flags);
    if (file < 0) {
      throw new AssertionError(path + ": " + Errno.describe(-file));
    }
    return switch (Ring.open(entries, file)) {
      case Ring.Opened.Ready(Ring ring) -> new OpenRing(ring, file);
      case Ring.Opened.Refused(int errno, String reason) -> {
        var _ = Libc.close(file);
        yield Assumptions.abort(reason);
      }
    };
  }

  static OpenRing over(Path directory, int entries) {
    return over(directory.resolve("file"), Libc.O_RDWR | Libc.O_CREAT, entries);
  }

  @Override
  public void close() {
    ring.close();
    var _ = Libc.close(file);
  }
}
