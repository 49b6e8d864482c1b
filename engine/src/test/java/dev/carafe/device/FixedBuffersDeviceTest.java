package dev.carafe.device;

import dev.carafe.FileOptions.Io;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** {@link DeviceContract} of a ring with registered memory. */
final class FixedBuffersDeviceTest extends DeviceContract {
  @Override
  Device open(Path file, List<MemorySegment> fixed) {
    return OpenDevice.of(Io.FIXED_BUFFERS, file, fixed);
  }
}
