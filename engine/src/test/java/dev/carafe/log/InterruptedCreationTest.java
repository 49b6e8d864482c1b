package dev.carafe.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.base.Soak;
import dev.carafe.device.Device;
import dev.carafe.device.FailingDevice;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.log.format.FormatVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * F7: each change of the creation in place fails, a write after every number of bytes. Then the
 * process continues, is killed, or loses power. The next opening succeeds, with any capacity and
 * codecs, unless the file is the unchanged file of before.
 */
class InterruptedCreationTest {
  private static final CodecNames CODECS = new CodecNames("key 1", "value 1");
  private static final int CAPACITY_BYTES = 512 << 10;
  private static final int POWER_CUTS = 5;

  /** The file that exists before the creation. */
  enum Before {
    EMPTY,
    FOREIGN,
    ZEROS,
    CARAFE;

    byte[] content() {
      byte[] bytes = new byte[this == EMPTY ? 0 : CAPACITY_BYTES];
      switch (this) {
        case FOREIGN -> new SplittableRandom(1).nextBytes(bytes);
        case CARAFE -> {
          SimDisk disk = new SimDisk(new byte[0], true);
          open(new SimDevice(disk, new FaultPlan(0), false), CAPACITY_BYTES, CODECS, false);
          return disk.content();
        }
        default -> {}
      }
      return bytes;
    }
  }

  private static void open(Device device, long capacityBytes, CodecNames codecs, boolean anew) {
    FileOptions options =
        FileOptions.at(Path.of("simulated"), capacityBytes)
            .withRecovery(anew ? Recovery.EMPTY : Recovery.STRICT);
    Geometry geometry = Geometry.of(capacityBytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(FormatVersion.BLOCK_BYTES, FormatVersion.BLOCK_BYTES);
      var _ = LogFiles.open(options, codecs, device, geometry, block);
      assertTrue(device.fileBytes() >= geometry.extentOffset(geometry.extentCount()));
    }
  }

  /** A header is 104 bytes and names; a sector is torn anywhere in them, and some later ones. */
  private static int[] landings() {
    return IntStream.range(0, FormatVersion.BLOCK_BYTES)
        .filter(bytes -> bytes < 118 || bytes % 512 <= 10)
        .toArray();
  }

  @ParameterizedTest
  @EnumSource
  void theNextOpeningSucceeds(Before before) {
    byte[] start = before.content();
    Soak.seeded(random -> {
      boolean failed = true;
      for (int failing = 0; failed; failing++) {
        for (int landing : landings()) {
          SimDisk disk = new SimDisk(start, true);
          FailingDevice device = new FailingDevice(disk, failing, landing);
          failed = fails(device, before);
          check(disk, start, random, failing + " fails, of which " + landing + " bytes land");
          if (!device.failedInWrite()) {
            break;
          }
        }
      }
    });
  }

  private static boolean fails(Device device, Before before) {
    try {
      open(device, CAPACITY_BYTES, CODECS, before != Before.EMPTY);
      return false;
    } catch (DeviceException e) {
      return true;
    }
  }

  private static void check(SimDisk disk, byte[] start, SplittableRandom random, String what) {
    int events = disk.journal().size();
    for (int cut = 0; cut <= POWER_CUTS; cut++) {
      byte[] image = cut == 0 ? disk.content() : disk.afterPowerCut(events, random);
      if (start.length > 0 && Arrays.equals(image, start)) {
        continue; // the creation had not begun
      }
      openAgain(image, CAPACITY_BYTES, CODECS, what);
      if (image.length == LogFiles.UNFINISHED_BYTES) {
        openAgain(image, CAPACITY_BYTES + (128 << 10), CODECS, what);
        openAgain(image, CAPACITY_BYTES, new CodecNames("key 2", "value 2"), what);
      }
    }
  }

  private static void openAgain(byte[] image, long capacityBytes, CodecNames codecs, String what) {
    try {
      open(
          new SimDevice(new SimDisk(image, true), new FaultPlan(0), false),
          capacityBytes,
          codecs,
          false);
    } catch (RuntimeException e) {
      throw new AssertionError("change " + what + ", and then " + e, e);
    }
  }
}
