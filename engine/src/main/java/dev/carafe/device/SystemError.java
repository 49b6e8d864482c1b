package dev.carafe.device;

import dev.carafe.DeviceException;
import dev.carafe.uring.ffi.Errno;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The reason why the system refused an operation on the file, with the remedy for the operator
 * (contract F1). The errno of a Java exception is derived from its message.
 *
 * @param errno the errno; 0 if it is not known
 * @param words the errno's name, its meaning and the remedy; the exception if the errno is not
 *     known
 */
record SystemError(int errno, String words, @Nullable Throwable cause) {
  static SystemError of(int errno) {
    return new SystemError(errno, Errno.explain(errno), null);
  }

  static SystemError of(Throwable thrown) {
    int errno = Errno.of(thrown);
    return new SystemError(errno, errno == 0 ? thrown.toString() : Errno.explain(errno), thrown);
  }

  /** Creates the exception for a failed operation, such as {@code open}, on a file. */
  DeviceException during(String operation, Path path) {
    return new DeviceException(operation, path, errno, words, cause);
  }

  /** Creates the exception for a failed operation, and names the step that failed. */
  DeviceException during(String operation, Path path, String step) {
    return new DeviceException(operation, path, errno, step + " failed with " + words, cause);
  }

  /** Creates the result of a failed transfer. */
  IoResult.Failed during(IoOp op) {
    return IoResult.Failed.of(errno, () -> op.failedWith(words));
  }
}
