package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.carafe.FileOptions.Compression;
import dev.carafe.base.Soak;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.ExtentTable;
import dev.carafe.log.Geometry;
import dev.carafe.log.Reclaimer;
import dev.carafe.log.format.RingHistory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * D7: opening a file adopts another capacity. No record that fits is lost, also if the process is
 * killed or the power fails at any write of the change.
 */
class CapacityTest {
  private static final int EXTENT_BYTES = 64 << 10;
  private static final int SMALL = 512 << 10;
  private static final int LARGE = 1536 << 10;
  private static final int KEYS = 48;

  /** The records of a file. */
  private record Found(Map<Long, Long> versions, long liveBytes) {
    /** Whether a file of that capacity keeps all of them. */
    boolean fits(long capacityBytes) {
      Geometry geometry = Geometry.of(Path.of("simulated"), capacityBytes, EXTENT_BYTES);
      return liveBytes <= Reclaimer.maxLiveBytes(geometry);
    }

    void checkKept(long capacityBytes, Map<Long, Long> found, String what) {
      found.forEach((key, version) -> assertEquals(versions.get(key), version, what));
      if (fits(capacityBytes)) {
        assertEquals(versions, found, what);
      }
    }
  }

  private static SimTier.Setup setup(long capacityBytes) {
    return new SimTier.Setup(capacityBytes, Compression.NONE, false);
  }

  private static SimTier open(SimDisk disk, long capacityBytes) {
    return new SimTier(disk, new FaultPlan(0), setup(capacityBytes));
  }

  private static int length(long capacityBytes) {
    return (int) (4096 + (capacityBytes - 4096) / EXTENT_BYTES * EXTENT_BYTES);
  }

  /** A file of extents of 64 KiB. */
  private static SimDisk created() {
    SimDisk disk = new SimDisk(new byte[0]);
    open(disk, SMALL).close();
    return new SimDisk(disk.content());
  }

  /** Recovers a copy of a file, and does not change its capacity. */
  private static Found found(byte[] content) {
    FileIndex index = new FileIndex(Long.MAX_VALUE);
    try (OpenLog open = SimTier.openLog(new SimDisk(content), LARGE, index)) {
      assertEquals(0, open.damagedAtOpening());
      ExtentTable table = open.log().table();
      table.checkInvariants(index);
      return new Found(SimTier.recovered(content, setup(LARGE)), table.live().total());
    } finally {
      index.close();
    }
  }

  /** Opens a copy of a file with a capacity. Returns the records that it has then. */
  private static Map<Long, Long> opened(byte[] content, long capacityBytes) {
    SimDisk disk = new SimDisk(content);
    try (SimTier tier = open(disk, capacityBytes)) {
      assertEquals(length(capacityBytes), disk.content().length);
      assertEquals(capacityBytes, tier.tier().metrics().stats().capacityBytes());
      assertNull(tier.tier().metrics().degraded());
      tier.tier().checkInvariants();
      return tier.versions(KEYS);
    }
  }

  /** Random puts and removals, and a flush; the newest version of each key. */
  private static long write(
      SimTier tier, int changes, long version, Map<Long, Long> newest, SplittableRandom random) {
    long next = version;
    for (int i = 0; i < changes; i++) {
      long key = random.nextInt(KEYS);
      if (random.nextInt(6) == 0) {
        tier.remove(key);
        newest.remove(key);
      } else {
        assertEquals(StoreResult.STORED, tier.put(key, next, 20 + random.nextInt(15_000)));
        newest.put(key, next++);
      }
    }
    tier.tier().flush();
    return next;
  }

  private static void checkNothingStale(Map<Long, Long> newest, Map<Long, Long> found) {
    found.forEach((key, version) -> assertEquals(newest.get(key), version, "of key " + key));
  }

  @Test
  void capacitiesChangeFromOneOpeningToTheNext() {
    int files = Soak.times(1, 200);
    Soak.seeded(random -> {
      for (int file = 0; file < files; file++) {
        byte[] content = {};
        long capacity = SMALL;
        long version = 1;
        Map<Long, Long> newest = new HashMap<>();
        for (int opening = 0; opening < 2 * RingHistory.MAX_ENTRIES; opening++) {
          long more = opening == 0 ? 0 : random.nextInt((LARGE - SMALL) / 4096) * 4096L;
          long wanted = SMALL + more;
          if (opening > 0) {
            found(content).checkKept(wanted, opened(content, wanted), "to " + wanted + " bytes");
          }
          SimDisk disk = new SimDisk(content);
          try (SimTier tier = open(disk, wanted)) {
            checkNothingStale(newest, tier.versions(KEYS));
            version = write(tier, random.nextInt(100), version, newest, random);
            checkNothingStale(newest, tier.versions(KEYS));
            tier.tier().checkInvariants();
            content = disk.content(); // as a kill leaves it
          }
          content = random.nextBoolean() ? content : disk.content();
          capacity = wanted;
        }
      }
    });
  }

  @Test
  void aCrashAtAnyWriteOfTheChangeLosesNothingElse() {
    int files = Soak.times(2, 100);
    Soak.seeded(random -> {
      for (int file = 0; file < files; file++) {
        long capacity = SMALL + random.nextInt(16) * (long) EXTENT_BYTES;
        Map<Long, Long> newest = new HashMap<>();
        SimDisk disk = created();
        byte[] killed;
        try (SimTier tier = open(disk, capacity)) {
          write(tier, 20 + random.nextInt(250), 1, newest, random);
          killed = disk.content();
        }
        byte[] content = random.nextBoolean() ? killed : disk.content();
        for (long wanted : new long[] {SMALL, capacity + EXTENT_BYTES, LARGE, capacity / 2}) {
          if (wanted >= SMALL) {
            crashEverywhere(content, capacity, wanted, random);
          }
        }
      }
    });
  }

  private static void crashEverywhere(
      byte[] content, long capacity, long wanted, SplittableRandom random) {
    Found before = found(content);
    SimDisk disk = new SimDisk(content);
    try (SimTier changing = open(disk, wanted)) {
      changing.tier().checkInvariants();
    }
    int events = disk.journal().size();
    for (int event = 0; event <= events; event++) {
      byte[] image =
          random.nextInt(3) == 0 ? disk.afterKill(event) : disk.afterPowerCut(event, random);
      long[] any = {wanted, capacity, LARGE + EXTENT_BYTES, SMALL};
      long next = any[random.nextInt(any.length)];
      String what = "from " + capacity + " to " + wanted + ", event " + event + ", " + next;
      before.checkKept(Math.min(wanted, next), opened(image, next), what);
    }
  }

  @Test
  void nothingStaleIsFoundInAResizedFileThatWasTruncated() {
    int files = Soak.times(4, 200);
    Soak.seeded(random -> {
      for (int file = 0; file < files; file++) {
        Map<Long, Long> newest = new HashMap<>();
        SimDisk disk = created();
        long version = 1;
        long capacity = SMALL;
        for (int opening = 0; opening < 4; opening++) {
          capacity = SMALL + random.nextInt(16) * (long) EXTENT_BYTES;
          try (SimTier tier = open(disk, capacity)) {
            version = write(tier, random.nextInt(120), version, newest, random);
          }
        }
        byte[] content = disk.content();
        for (int slot = 0; slot < (length(capacity) - 4096) / EXTENT_BYTES; slot++) {
          int bytes = 4096 + slot * EXTENT_BYTES + random.nextInt(EXTENT_BYTES);
          SimDisk cut = new SimDisk(Arrays.copyOf(content, bytes));
          for (int opening = 0; opening < 2; opening++) {
            long next = random.nextBoolean() ? capacity : LARGE;
            try (SimTier tier = open(cut, next)) {
              checkNothingStale(newest, tier.versions(KEYS));
              tier.tier().checkInvariants();
            }
          }
        }
      }
    });
  }
}
