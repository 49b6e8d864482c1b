package dev.carafe.device;

import dev.carafe.FileOptions.Io;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A device of one kind over a new file. If it is not available, the test is skipped. */
final class OpenDevice {
  private OpenDevice() {}

  static Device of(Io io, Path file, List<MemorySegment> fixed) {
    try {
      return Devices.open(file, io, fixed);
    } catch (IllegalArgumentException e) {
      return Assumptions.abort(io + " can't be had here: " + e.getMessage());
    }
  }
}
