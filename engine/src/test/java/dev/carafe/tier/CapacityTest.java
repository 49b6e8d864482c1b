package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions.Compression;
import dev.carafe.base.Soak;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.ExtentTable;
import dev.carafe.log.Geometry;
import dev.carafe.log.RecordAddress;
import dev.carafe.log.format.RingHistory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * D7: opening a file adopts another capacity. A larger one loses no record, a smaller one discards
 * the oldest extents, also if the process is killed or the power fails at any write of the change.
 */
class CapacityTest {
  private static final int EXTENT_BYTES = 64 << 10;
  private static final int SMALL = 512 << 10;
  private static final int LARGE = 1536 << 10;
  private static final int KEYS = 48;

  /** The records of a log and their extents. */
  private record Found(Map<Long, Long> versions, Map<Long, Long> sequences, long newest) {
    /** The records that are left in the newest extents of this number. */
    Map<Long, Long> newest(int extents) {
      Map<Long, Long> kept = new HashMap<>(versions);
      kept.keySet().removeIf(key -> sequences.getOrDefault(key, 0L) <= newest - extents);
      return kept;
    }
  }

  private static SimTier.Setup setup(long capacityBytes) {
    return new SimTier.Setup(capacityBytes, Compression.NONE, false);
  }

  private static SimTier open(SimDisk disk, long capacityBytes) {
    return new SimTier(disk, new FaultPlan(0), setup(capacityBytes));
  }

  private static int extents(long capacityBytes) {
    return (int) ((capacityBytes - 4096) / EXTENT_BYTES);
  }

  /** A file of extents of 64 KiB. */
  private static SimDisk created() {
    SimDisk disk = new SimDisk(new byte[0]);
    open(disk, SMALL).close();
    return new SimDisk(disk.content());
  }

  /** Recovers a copy of a file and does not continue its log. */
  private static Found found(byte[] content, long capacityBytes) {
    SimDisk disk = new SimDisk(content);
    Map<Long, Long> sequences = new HashMap<>();
    FileIndex index = new FileIndex(Long.MAX_VALUE);
    long newest;
    try (OpenLog open = SimTier.openLog(disk, capacityBytes, index)) {
      assertEquals(0, open.damagedAtOpening());
      ExtentTable table = open.log().table();
      table.checkInvariants(index);
      Geometry geometry = open.log().file().geometry();
      newest = table.newestSequence();
      for (long key = 0; key < KEYS; key++) {
        long address = index.find(open.log().file().hashOf(SimTier.keyBytes(key)));
        for (long s = newest; s > newest - geometry.extentCount() && s > 0; s--) {
          if (address != RecordAddress.NONE && geometry.slotOf(s) == RecordAddress.slot(address)) {
            sequences.put(key, s);
          }
        }
      }
    } finally {
      index.close();
    }
    assertTrue(disk.content().length <= capacityBytes, "the file is longer than its capacity");
    return new Found(SimTier.recovered(content, setup(capacityBytes)), sequences, newest);
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
    int files = Soak.times(3, 200);
    Soak.seeded(random -> {
      for (int file = 0; file < files; file++) {
        byte[] content = {};
        long capacity = SMALL;
        long version = 1;
        Map<Long, Long> newest = new HashMap<>();
        for (int opening = 0; opening < 2 * RingHistory.MAX_RINGS; opening++) {
          long more = opening == 0 ? 0 : random.nextInt((LARGE - SMALL) / 4096) * 4096L;
          long wanted = SMALL + more;
          boolean mayRestart = opening >= RingHistory.MAX_RINGS - 1;
          if (opening > 0) {
            checkChange(content, capacity, wanted, mayRestart);
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

  private static void checkChange(byte[] content, long from, long to, boolean mayRestart) {
    Found before = found(content, from);
    Found after = found(content, to);
    Map<Long, Long> expected =
        extents(to) >= extents(from) ? before.versions() : before.newest(extents(to) - 2);
    if (mayRestart) {
      after.versions().forEach((key, version) -> assertEquals(expected.get(key), version));
    } else {
      assertEquals(expected, after.versions(), "from " + from + " to " + to + " bytes");
    }
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
    Found before = found(content, capacity);
    Map<Long, Long> kept = found(content, wanted).versions();
    SimDisk disk = new SimDisk(content);
    try (SimTier changing = open(disk, wanted)) {
      changing.tier().checkInvariants();
    }
    int events = disk.journal().size();
    for (int event = 0; event <= events; event++) {
      for (int cut = 0; cut < 3; cut++) {
        byte[] image = cut == 0 ? disk.afterKill(event) : disk.afterPowerCut(event, random);
        long[] any = {wanted, capacity, LARGE + EXTENT_BYTES, SMALL};
        for (long next : new long[] {any[event % 2], any[random.nextInt(any.length)]}) {
          String what = "from " + capacity + " to " + wanted + ", event " + event + ", " + next;
          Map<Long, Long> versions = found(image, next).versions();
          versions.forEach(
              (key, version) -> assertEquals(before.versions().get(key), version, what));
          if (extents(next) >= extents(wanted)) {
            kept.forEach((key, version) -> assertEquals(version, versions.get(key), what));
          }
        }
      }
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
        for (int slot = 0; slot < extents(capacity); slot++) {
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
