package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions.Compression;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.format.CacheNumber;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Extents that hold nothing give their blocks back, and recovery finds the rest (D3). */
@Timeout(60)
class SpaceReleaseTest {
  private static final int EXTENT_BYTES = 64 << 10;
  private static final int CAPACITY = 2 << 20;
  private static final int EXTENTS = (CAPACITY - 4096) / extentBytes();
  private static final int READY = 3;

  private static int extentBytes() {
    return Math.max(EXTENT_BYTES, CAPACITY / 15 / 4096 * 4096);
  }

  private static SimTier open(SimDisk disk) {
    return new SimTier(
        disk, new FaultPlan(0), new SimTier.Setup(CAPACITY, Compression.NONE, false));
  }

  private static Set<Integer> punched(SimDisk disk) {
    Set<Integer> offsets = new HashSet<>();
    for (SimDisk.Event event : disk.journal()) {
      if (event instanceof SimDisk.Punch(int offset, int bytes)) {
        assertEquals(0, offset % 4096);
        assertEquals(extentBytes(), bytes);
        offsets.add(offset);
      }
    }
    return offsets;
  }

  /** Waits up to 30 s, since the maintenance thread punches. */
  private static void awaitPunched(SimDisk disk, int extents) {
    for (int i = 0; punched(disk).size() < extents && i < 30_000; i++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    assertTrue(punched(disk).size() >= extents, punched(disk).size() + " of " + extents);
  }

  private static void fill(SimTier tier, long version) {
    for (long key = 0; key < 60; key++) {
      assertEquals(StoreResult.STORED, tier.put(key, version, 20_000));
    }
  }

  @Test
  void overwritesPunchNothing() {
    SimDisk disk = new SimDisk(new byte[0]);
    try (SimTier tier = open(disk)) {
      for (int version = 1; version < 10; version++) {
        fill(tier, version);
      }
      tier.tier().flush();
    }
    assertEquals(Set.of(), punched(disk));
  }

  @Test
  void clearPunchesAllButTheExtentsThatAreWrittenNext() {
    SimDisk disk = new SimDisk(new byte[0]);
    try (SimTier tier = open(disk)) {
      fill(tier, 1);
      fill(tier, 2);
      tier.tier().clear(CacheNumber.ALL);
      tier.tier().capacity().reclaimDead();
      awaitPunched(disk, EXTENTS - READY - 2); // two have the CLEAR and the TAIL records
      assertEquals(StoreResult.STORED, tier.put(7, 3, 20_000));
      tier.tier().flush();
      for (int events = 0; events < 3; events++) {
        SimDisk crashed = new SimDisk(disk.afterKill(disk.journal().size()));
        try (SimTier again = open(crashed)) {
          assertEquals(Map.of(7L, 3L), again.versions(60));
          again.tier().checkInvariants();
          fill(again, 4);
        }
      }
      tier.tier().checkInvariants();
    }
    try (SimTier again = open(new SimDisk(disk.content()))) {
      assertEquals(Map.of(7L, 3L), again.versions(60));
    }
  }

  @Test
  void aFileThatIsMostlyDeadIsCompactedAfterAClear() {
    SimDisk disk = new SimDisk(new byte[0]);
    try (SimTier tier = open(disk)) {
      fill(tier, 1);
      tier.tier().clear(CacheNumber.ALL);
      tier.tier().capacity().reclaimDead();
      assertEquals(StoreResult.STORED, tier.put(1, 2, 20_000)); // beside the CLEAR
      awaitPunched(disk, EXTENTS / 2);
      assertEquals(Map.of(1L, 2L), tier.versions(60));
    }
    try (SimTier again = open(new SimDisk(disk.content()))) {
      assertEquals(Map.of(1L, 2L), again.versions(60));
    }
  }

  /** A crash between reclaiming and punching leaves old blocks; the next opening punches them. */
  @Test
  void openingPunchesWhatACrashLeft() {
    SimDisk disk = new SimDisk(new byte[0]);
    try (SimTier tier = open(disk)) {
      fill(tier, 1);
      tier.tier().clear(CacheNumber.ALL);
      tier.tier().capacity().reclaimDead();
      awaitPunched(disk, EXTENTS / 2);
    }
    int first = 0;
    while (!(disk.journal().get(first) instanceof SimDisk.Punch)) {
      first++;
    }
    SimDisk crashed = new SimDisk(disk.afterKill(first));
    try (SimTier again = open(crashed)) {
      awaitPunched(crashed, EXTENTS / 2 - 1);
      assertEquals(Map.of(), again.versions(60));
    }
  }
}
