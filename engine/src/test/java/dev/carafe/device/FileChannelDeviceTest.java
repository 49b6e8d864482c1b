package dev.carafe.device;

import dev.carafe.FileOptions.Io;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** {@link DeviceContract} of a file channel. */
final class FileChannelDeviceTest extends DeviceContract {
  @Override
  Device open(Path file, List<MemorySegment> fixed) {
    return OpenDevice.of(Io.CHANNEL, file, fixed);
  }
}
