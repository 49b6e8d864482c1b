package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DamagedFileException;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** D7: the capacities that a file can adopt, and the maximum length of its values afterwards. */
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
      fits = tier.tier().capacity().maxValueBytes();
      assertTrue(fits > 3 * EXTENT_BYTES);
      assertEquals(StoreResult.STORED, tier.put(1, 1, fits));
    }
    try (SimTier tier = open(disk, 2 << 20)) {
      assertEquals(fits, tier.tier().capacity().maxValueBytes());
      assertEquals(StoreResult.STORED, tier.put(2, 2, fits));
      assertEquals(Map.of(1L, 1L, 2L, 2L), tier.versions(KEYS));
    }
    SimDisk small = new SimDisk(new byte[0]);
    open(small, SMALL).close();
    try (SimTier tier = open(small, large)) {
      assertTrue(tier.tier().capacity().maxValueBytes() < EXTENT_BYTES);
      assertEquals(StoreResult.TOO_LARGE, tier.put(1, 1, fits));
    }
    try (SimTier tier =
        new SimTier(small, new FaultPlan(0), setup(large), Recovery.EMPTY)) { // empties it
      assertEquals(fits, tier.tier().capacity().maxValueBytes());
    }
  }

  @Test
  void aCapacityOfTooFewOrTooManyExtentsIsRefused() { // E2
    SimDisk disk = new SimDisk(new byte[0]);
    open(disk, 15 << 19).close();
    byte[] before = disk.content();
    IllegalArgumentException few =
        assertThrows(IllegalArgumentException.class, () -> open(disk, 5 << 19).close());
    String message = String.valueOf(few.getMessage());
    assertTrue(message.contains("capacityBytes is " + (5 << 19)), message);
    assertTrue(message.contains("must be " + (4096 + 5 * (1 << 19)) + " to "), message);
    assertTrue(message.contains("simulated.carafe"), message);
    assertTrue(message.contains("Recovery.EMPTY"), message);
    SimDisk small = new SimDisk(new byte[0]);
    open(small, SMALL).close();
    assertThrows(IllegalArgumentException.class, () -> open(small, 1L << 40).close());
    assertArrayEquals(before, disk.content());
    open(disk, 15 << 19).close();
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

  @Test
  void theKeptCapacityIsReportedUntilItChanges() { // F1
    SimDisk disk = new SimDisk(new byte[0]);
    open(disk, SMALL).close();
    FaultPlan faults = new FaultPlan(0);
    faults.fullAfter(0);
    try (SimTier tier = new SimTier(disk, faults, setup(LARGE))) {
      assertEquals(SMALL, tier.tier().metrics().stats().capacityBytes());
      String why = Objects.requireNonNull(tier.tier().metrics().degraded()).reason();
      assertTrue(why.contains("the change to " + LARGE + " bytes failed"), why);
      assertTrue(why.contains("the capacity stays " + SMALL + " bytes"), why);
      assertTrue(why.contains("No space left on device (simulated)"), why);
      faults.fullAfter(Integer.MAX_VALUE);
      tier.tier().capacity().resize(LARGE);
      assertEquals(LARGE, tier.tier().metrics().stats().capacityBytes());
      assertNull(tier.tier().metrics().degraded());
    }
  }

  @Test
  void aFullDiskKeepsTheOldCapacity() { // F1
    int stayed = 0;
    for (int puts = 200; puts < 260; puts += 10) { // so that other slots hold the newest extents
      SimDisk made = new SimDisk(new byte[0]);
      open(made, SMALL).close();
      SimDisk disk = new SimDisk(made.content());
      Map<Long, Long> written = new HashMap<>();
      try (SimTier tier = open(disk, 1 << 20)) {
        for (long version = 1; version <= puts; version++) {
          assertEquals(StoreResult.STORED, tier.put(version % KEYS, version, 10_000));
          written.put(version % KEYS, version);
        }
      }
      assertTrue(stayed(disk.content(), written, LARGE) > 0);
      stayed += stayed(disk.content(), written, SMALL);
    }
    assertTrue(stayed > 10, "no copy failed, " + stayed);
  }

  private static int stayed(byte[] content, Map<Long, Long> written, long wanted) {
    int stayed = 0;
    Outcome outcome = Outcome.STAYED;
    for (int writes = 0; outcome != Outcome.CHANGED; writes++) {
      outcome = openFull(content, written, wanted, writes);
      stayed += outcome == Outcome.STAYED ? 1 : 0;
    }
    return stayed;
  }

  private enum Outcome {
    STAYED,
    REFUSED,
    CHANGED
  }

  /** Opens a copy with another capacity, on a disk that is full after so many writes. */
  private static Outcome openFull(
      byte[] content, Map<Long, Long> written, long wanted, int writes) {
    String what = "to " + wanted + " bytes, full after " + writes + " writes";
    SimDisk disk = new SimDisk(content);
    FaultPlan faults = new FaultPlan(0);
    Map<Long, Long> newest = new HashMap<>(written);
    faults.fullAfter(writes);
    Outcome outcome;
    try (SimTier tier = new SimTier(disk, faults, setup(wanted))) {
      outcome = disk.content().length == content.length ? Outcome.STAYED : Outcome.CHANGED;
      checkReported(outcome, tier, what);
      Map<Long, Long> found = tier.versions(KEYS);
      checkNothingStale(newest, found, what);
      if (wanted == LARGE) {
        assertEquals(newest, found, what);
      }
      faults.fullAfter(Integer.MAX_VALUE);
      for (long key = 0; key < KEYS; key += 5) { // no tombstone of these keys remains
        tier.remove(key);
        newest.remove(key);
      }
      assertEquals(StoreResult.STORED, tier.put(KEYS - 1, 1_000, 10_000));
      newest.put(KEYS - 1L, 1_000L);
      tier.tier().flush();
      tier.tier().checkInvariants();
    } catch (DeviceException e) {
      outcome = Outcome.REFUSED;
    }
    for (long next : new long[] {content.length, wanted, LARGE}) {
      try (SimTier tier = open(new SimDisk(disk.content()), next)) {
        Map<Long, Long> found = tier.versions(KEYS);
        checkNothingStale(newest, found, what + ", then " + next);
        if (outcome != Outcome.REFUSED) { // then the flushed values are found
          assertEquals(newest.get(KEYS - 1L), found.get(KEYS - 1L), what + ", then " + next);
        }
      }
    }
    return outcome;
  }

  private static void checkReported(Outcome outcome, SimTier tier, String what) {
    Degraded degraded = tier.tier().metrics().degraded();
    if (outcome == Outcome.CHANGED) {
      assertNull(degraded, what);
    } else {
      String why = Objects.requireNonNull(degraded, what).reason();
      assertTrue(why.contains("No space left on device (simulated)"), why);
    }
  }

  private static void checkNothingStale(
      Map<Long, Long> newest, Map<Long, Long> found, String what) {
    found.forEach((key, version) -> assertEquals(newest.get(key), version, what + ", key " + key));
  }
}
