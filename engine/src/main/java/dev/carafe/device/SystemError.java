package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.uring.ffi.Errno;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Why the system refused an operation on the file: by errno, which messages name, with what an
 * operator can do about it (contract F1). For an exception of Java the errno is found by its text.
 *
 * @param errno 0 if it is not known
 * @param words name, meaning and remedy; the exception if the errno is not known
 */
record SystemError(int errno, String words, @Nullable Throwable cause) {
  static SystemError of(int errno) {
    return new SystemError(errno, Errno.explain(errno), null);
  }

  static SystemError of(Throwable thrown) {
    int errno = Errno.of(thrown);
    return new SystemError(errno, errno == 0 ? thrown.toString() : Errno.explain(errno), thrown);
  }

  /** The failure of an operation such as {@code open} on the file at a path. */
  DeviceException during(String operation, Path path) {
    return new DeviceException(operation, path, errno, words, cause);
  }

  /** The failure of an operation, with more words. */
  DeviceException during(String operation, Path path, String what) {
    return new DeviceException(operation, path, errno, what + " failed with " + words, cause);
  }

  /** The result of a transfer that failed so. */
  IoResult.Failed during(IoOp op) {
    return IoResult.Failed.of(errno, () -> op.failedWith(words));
  }
}
