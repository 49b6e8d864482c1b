package dev.carafe.device;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** {@link DeviceContract} of the simulated device that other tests use, with late completions. */
final class SimDeviceTest extends DeviceContract {
  @Override
  Device open(Path file, List<MemorySegment> fixed) {
    return new SimDevice(new SimDisk(new byte[0]), new FaultPlan(0), true);
  }
}
