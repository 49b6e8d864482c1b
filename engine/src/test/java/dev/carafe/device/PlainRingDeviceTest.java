package dev.carafe.device;

import dev.carafe.FileOptions.Io;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** {@link DeviceContract} of a ring without registered memory. */
final class PlainRingDeviceTest extends DeviceContract {
  @Override
  Device open(Path file, List<MemorySegment> fixed) {
    return OpenDevice.of(Io.URING, file, fixed);
  }
}
