package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.carafe.DeviceException;
import dev.carafe.FileFormatException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.LogFiles;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * F7 and D4 on a simulated disk: a kill or a power cut interrupts the creation of a file at every
 * event, and each operation fails. The next opening succeeds without repair, and a foreign file is
 * never treated as an unfinished one.
 */
class SimCreationTest {
  private static final SimTier.Setup SETUP = new SimTier.Setup(512 << 10, Compression.NONE, false);
  private static final int CUTS = 20;

  /** The file that exists before the creation. */
  enum Before {
    NOTHING,
    EMPTY_FILE,
    FOREIGN_FILE,
    OLDER_CARAFE_FILE;

    SimDisk disk() {
      return switch (this) {
        case NOTHING -> new SimDisk(new byte[0]);
        case EMPTY_FILE -> new SimDisk(new byte[0], true);
        case FOREIGN_FILE -> new SimDisk(foreign());
        case OLDER_CARAFE_FILE -> new SimDisk(withKey(1));
      };
    }
  }

  private static byte[] foreign() {
    byte[] bytes = new byte[700_000];
    new SplittableRandom(1).nextBytes(bytes);
    return bytes;
  }

  private static byte[] withKey(long version) {
    SimDisk disk = new SimDisk(new byte[0]);
    try (SimTier tier = new SimTier(disk, new FaultPlan(0), SETUP)) {
      assertEquals(StoreResult.STORED, tier.put(1, version, 100));
    }
    return disk.content();
  }

  private static Map<Long, Long> versions(byte[] image) {
    try (SimTier tier = new SimTier(new SimDisk(image), new FaultPlan(0), SETUP)) {
      Map<Long, Long> found = tier.versions(3);
      assertEquals(StoreResult.STORED, tier.put(2, 9, 1000));
      tier.tier().flush();
      return found;
    }
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptedCreationLeavesNoFileOrAValidOne(Before before) {
    Soak.seeded(random -> {
      SimDisk disk = before.disk();
      byte[] untouched = disk.content();
      try (SimTier tier = new SimTier(disk, new FaultPlan(0), SETUP, Recovery.EMPTY)) {
        assertEquals(Map.of(), tier.versions(3));
      }
      int events = disk.journal().size();
      for (int event = 0; event <= events; event++) {
        for (int cut = 0; cut < CUTS; cut++) {
          byte[] image = cut == 0 ? disk.afterKill(event) : disk.afterPowerCut(event, random);
          if (before == Before.FOREIGN_FILE && Arrays.equals(image, untouched)) {
            assertThrows(FileFormatException.class, () -> versions(image)); // not created yet
          } else {
            boolean old = before == Before.OLDER_CARAFE_FILE && Arrays.equals(image, untouched);
            assertEquals(old ? Map.of(1L, 1L) : Map.of(), versions(image), "after " + event);
          }
        }
      }
      Record.add("crashes of a creation", (long) (events + 1) * CUTS);
    });
  }

  @ParameterizedTest
  @EnumSource(names = {"NOTHING", "EMPTY_FILE"})
  void aCreationThatFailsCanBeRepeated(Before before) {
    Soak.seeded(random -> {
      for (int round = 0; round < Soak.times(100, 20_000); round++) {
        SimDisk disk = before.disk();
        FaultPlan faults = new FaultPlan(random.nextLong());
        faults.rate(300);
        boolean failed = false;
        try (SimTier tier = new SimTier(disk, faults, SETUP)) {
          faults.rate(0);
          tier.tier().checkInvariants();
        } catch (DeviceException e) {
          failed = true;
        }
        byte[] left = failed && before == Before.NOTHING ? new byte[0] : disk.content();
        assertEquals(Map.of(), versions(left));
      }
    });
  }

  /** A file of zeros is foreign, unless it has the length of an unfinished file of Carafe. */
  @ParameterizedTest
  @ValueSource(longs = {1, 511, 4096, 8192, LogFiles.UNFINISHED_BYTES - 1, 1 << 19, 1 << 20})
  void aFileOfZerosIsForeign(long bytes) {
    SimDisk disk = new SimDisk(new byte[(int) bytes]);
    assertThrows(
        FileFormatException.class, () -> new SimTier(disk, new FaultPlan(0), SETUP).close());
    assertArrayEquals(new byte[(int) bytes], disk.content());
  }

  @Test
  void aFileOfTheLengthOfAnUnfinishedOneIsForeign() {
    for (int at : new int[] {0, 100, 4096, (int) LogFiles.UNFINISHED_BYTES - 1}) {
      byte[] bytes = new byte[(int) LogFiles.UNFINISHED_BYTES];
      bytes[at] = 1;
      SimDisk disk = new SimDisk(bytes);
      assertThrows(
          FileFormatException.class, () -> new SimTier(disk, new FaultPlan(0), SETUP).close());
      assertArrayEquals(bytes, disk.content());
    }
  }
}
