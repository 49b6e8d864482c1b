package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** F1: the device fails while the capacity of an open file changes. */
@Timeout(120)
class ResizeFaultsTest {
  private static final int EXTENT_BYTES = 64 << 10;
  private static final long SMALL = 512 << 10;
  private static final long LARGE = 1536 << 10;
  private static final int KEYS = 40;

  private static SimTier.Setup setup(long capacityBytes, boolean late) {
    return new SimTier.Setup(capacityBytes, Compression.NONE, late);
  }

  private static SimTier open(SimDisk disk, long capacityBytes) {
    return new SimTier(disk, new FaultPlan(0), setup(capacityBytes, false));
  }

  private static int length(long capacityBytes) {
    return (int) (4096 + (capacityBytes - 4096) / EXTENT_BYTES * EXTENT_BYTES);
  }

  @Test
  void aFullDiskKeepsTheCapacity() {
    SimDisk disk = new SimDisk(new byte[0]);
    FaultPlan faults = new FaultPlan(0);
    try (SimTier tier = new SimTier(disk, faults, setup(SMALL, false))) {
      assertEquals(StoreResult.STORED, tier.put(1, 1, 10_000));
      tier.tier().flush();
      faults.fullAfter(0);
      DeviceException e =
          assertThrows(DeviceException.class, () -> tier.tier().capacity().resize(LARGE));
      String why = String.valueOf(e.getMessage());
      assertTrue(why.contains("the capacity stays " + SMALL + " bytes"), why);
      assertTrue(why.contains("No space left on device (simulated)"), why);
      assertEquals(SMALL, tier.tier().metrics().stats().capacityBytes());
      faults.fullAfter(Integer.MAX_VALUE);
      assertEquals(Map.of(1L, 1L), tier.versions(KEYS));
      for (long key = 0; key < KEYS; key++) {
        assertEquals(StoreResult.STORED, tier.put(key, 2, 20_000));
      }
      tier.tier().flush();
      tier.tier().capacity().resize(LARGE);
      assertEquals(length(LARGE), disk.content().length);
    }
  }

  /** The header can't be written: the old one is restored when the device works again. */
  @ParameterizedTest
  @ValueSource(longs = {SMALL, LARGE})
  void aFailedHeaderKeepsTheCapacity(long wanted) {
    for (int failing = 1; failing < 4; failing++) {
      SimDisk disk = new SimDisk(new byte[0]);
      open(disk, SMALL).close();
      FaultPlan faults = new FaultPlan(0);
      try (SimTier tier = new SimTier(disk, faults, setup(1 << 20, false))) {
        assertEquals(StoreResult.STORED, tier.put(1, 1, 10_000));
        tier.tier().flush();
        faults.fail(FaultPlan.Fault.WRITE_EIO, failing, true);
        try {
          tier.tier().capacity().resize(wanted);
        } catch (DeviceException e) {
          assertTrue(String.valueOf(e.getMessage()).contains("Input/output error (simulated)"));
        }
        faults.heal();
        for (int i = 0; i < 4 * KEYS; i++) {
          assertEquals(StoreResult.STORED, tier.put(i % KEYS, 2, 3_000));
        }
        tier.tier().flush();
        tier.tier().capacity().resize(wanted);
        assertEquals(length(wanted), disk.content().length);
        assertEquals(KEYS, tier.versions(KEYS).size());
        tier.tier().checkInvariants();
      }
    }
  }

  @Test
  void anImpossibleCapacityIsRefused() {
    SimDisk disk = new SimDisk(new byte[0]);
    try (SimTier tier = open(disk, LARGE)) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> tier.tier().capacity().resize(100_000));
      assertTrue(String.valueOf(e.getMessage()).contains("capacityBytes is 100000"), e::toString);
    }
  }
}
