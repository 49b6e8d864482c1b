package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DamagedFileException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** D7: which capacities a file can adopt, and how large its values may be then. */
class CapacityLimitsTest {
  private static final int EXTENT_BYTES = 64 << 10;
  private static final int SMALL = 512 << 10;
  private static final int LARGE = 1536 << 10;
  private static final int KEYS = 48;

  private static SimTier.Setup setup(long capacityBytes) {
    return new SimTier.Setup(capacityBytes, Compression.NONE, false);
  }

  private static SimTier open(SimDisk disk, long capacityBytes) {
    return new SimTier(disk, new FaultPlan(0), setup(capacityBytes));
  }

  @Test
  void extentsKeepTheirLength() {
    SimDisk disk = new SimDisk(new byte[0]);
    long large = 4 << 20;
    int fits;
    try (SimTier tier = open(disk, large)) {
      fits = tier.tier().maxValueBytes();
      assertTrue(fits > 3 * EXTENT_BYTES);
      assertEquals(StoreResult.STORED, tier.put(1, 1, fits));
    }
    try (SimTier tier = open(disk, 2 << 20)) {
      assertEquals(fits, tier.tier().maxValueBytes());
      assertEquals(StoreResult.STORED, tier.put(2, 2, fits));
      assertEquals(Map.of(1L, 1L, 2L, 2L), tier.versions(KEYS));
    }
    SimDisk small = new SimDisk(new byte[0]);
    open(small, SMALL).close();
    try (SimTier tier = open(small, large)) {
      assertTrue(tier.tier().maxValueBytes() < EXTENT_BYTES);
      assertEquals(StoreResult.TOO_LARGE, tier.put(1, 1, fits));
    }
    try (SimTier tier =
        new SimTier(small, new FaultPlan(0), setup(large), Recovery.EMPTY)) { // begins anew
      assertEquals(fits, tier.tier().maxValueBytes());
    }
  }

  @Test
  void aCapacityOfTooFewOrTooManyExtentsIsRefused() { // E2
    SimDisk disk = new SimDisk(new byte[0]);
    open(disk, 15 << 20).close();
    byte[] before = disk.content();
    IllegalArgumentException few =
        assertThrows(IllegalArgumentException.class, () -> open(disk, 5 << 20).close());
    String message = String.valueOf(few.getMessage());
    assertTrue(message.contains("capacityBytes is " + (5 << 20)), message);
    assertTrue(message.contains("must be " + (4096 + 5 * (1 << 20)) + " to "), message);
    assertTrue(message.contains("simulated.carafe"), message);
    assertTrue(message.contains("Recovery.EMPTY"), message);
    SimDisk small = new SimDisk(new byte[0]);
    open(small, SMALL).close();
    assertThrows(IllegalArgumentException.class, () -> open(small, 1L << 40).close());
    assertArrayEquals(before, disk.content());
    open(disk, 15 << 20).close();
  }

  @Test
  void aStrictOpeningOfADamagedFileChangesNothing() { // D4
    SimDisk disk = new SimDisk(new byte[0]);
    try (SimTier tier = open(disk, LARGE)) {
      for (long key = 0; key < KEYS; key++) {
        assertEquals(StoreResult.STORED, tier.put(key, 1, 10_000));
      }
    }
    for (int at = 3 * EXTENT_BYTES; at < 3 * EXTENT_BYTES + 64; at++) {
      disk.flip(at, 0xff);
    }
    byte[] before = disk.content();
    assertThrows(
        DamagedFileException.class,
        () -> new SimTier(disk, new FaultPlan(0), setup(SMALL), Recovery.STRICT).close());
    assertArrayEquals(before, disk.content());
  }
}
