package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.base.Soak;
import dev.carafe.base.Together;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * D7: the capacity changes while the file is open. Growing loses no record, shrinking only the
 * oldest; a crash at any moment leaves the old or the new capacity and a log without stale records.
 */
@Timeout(300)
class ResizeTest {
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

  private static long randomCapacity(SplittableRandom random) {
    return SMALL + random.nextInt((int) (LARGE - SMALL) / 4096) * 4096L;
  }

  /**
   * What the test knows about the keys of a file: their versions at the last flush, the keys that
   * have changed since, and the first version after the flush.
   */
  private record Mark(
      Map<Long, Long> flushed, Set<Long> changed, long version, long capacityBytes) {
    Mark {
      flushed = Map.copyOf(flushed);
      changed = Set.copyOf(changed);
    }

    /** Checks a key after a crash, before the next mark. */
    void check(long key, @Nullable Long seen, Mark next, String what) {
      Long expected = flushed.get(key);
      if (!changed.contains(key) && !next.changed.contains(key)) {
        assertEquals(expected, seen, what);
      } else if (seen != null && !seen.equals(expected)) {
        assertTrue(seen >= version, what + ": " + seen + " is older than the flush");
      }
    }
  }

  private static final class Load {
    final Map<Long, Long> newest = new HashMap<>();
    final Map<Long, Long> flushed = new HashMap<>();
    final Set<Long> changed = new HashSet<>();
    long version = 1;
    long flushedVersion = 1;
    long capacityBytes = SMALL;

    void change(SimTier tier, SplittableRandom random, int maxBytes) {
      long key = random.nextInt(KEYS);
      changed.add(key); // it may be found in either state
      if (random.nextInt(6) == 0) {
        newest.remove(key);
        var _ = tier.remove(key);
      } else {
        newest.put(key, version);
        StoreResult stored = StoreResult.OVERLOADED;
        while (stored != StoreResult.STORED) {
          stored = tier.put(key, version, 20 + random.nextInt(maxBytes));
        }
        version++;
      }
    }

    void flush(SimTier tier) {
      tier.tier().flush();
      flushed.clear();
      flushed.putAll(newest);
      changed.clear();
      flushedVersion = version;
    }

    Mark mark() {
      return new Mark(flushed, changed, flushedVersion, capacityBytes);
    }
  }

  /** Changes, flushes and resizes at random on one thread. */
  private static void run(SimTier tier, SimDisk disk, Load load, SplittableRandom random, int ops) {
    for (int i = 0; i < ops; i++) {
      int chance = random.nextInt(100);
      disk.mark(load.mark());
      if (chance < 8) {
        load.flush(tier);
      } else if (chance < 14) {
        long wanted = randomCapacity(random);
        tier.tier().capacity().resize(wanted);
        load.capacityBytes = wanted;
        assertEquals(length(wanted), disk.content().length, "to " + wanted);
        assertEquals(wanted, tier.tier().metrics().stats().capacityBytes());
      } else {
        load.change(tier, random, 6_000);
      }
    }
    disk.mark(load.mark());
  }

  /**
   * All records fit into the smallest file, so none is lost, although the header has room for fewer
   * changes than a round makes.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatFitsIsStillThere(boolean late) {
    int rounds = Soak.times(3, 60);
    Soak.seeded(random -> {
      for (int round = 0; round < rounds; round++) {
        Load load = new Load();
        byte[] content = {};
        for (int opening = 0; opening < 3; opening++) {
          SimDisk disk = new SimDisk(content);
          FaultPlan faults = new FaultPlan(random.nextLong());
          try (SimTier tier = new SimTier(disk, faults, setup(load.capacityBytes, late))) {
            assertEquals(load.newest, tier.versions(KEYS), "opened");
            run(tier, disk, load, random, 300);
            assertEquals(load.newest, tier.versions(KEYS), "resized");
            tier.tier().checkInvariants();
          }
          content = disk.content();
          assertTrue(content.length <= load.capacityBytes);
        }
      }
    });
  }

  @Test
  void aCrashAtAnyEventLeavesTheOldOrTheNewCapacity() {
    int rounds = Soak.times(2, 30);
    Soak.seeded(random -> {
      for (int round = 0; round < rounds; round++) {
        Load load = new Load();
        SimDisk first = new SimDisk(new byte[0]);
        try (SimTier tier = open(first, SMALL)) {
          run(tier, first, load, random, 60);
          load.flush(tier);
        }
        SimDisk disk = new SimDisk(first.content());
        try (SimTier tier =
            new SimTier(disk, new FaultPlan(0), setup(load.capacityBytes, random.nextBoolean()))) {
          run(tier, disk, load, random, 60);
        }
        crashEverywhere(disk, random);
      }
    });
  }

  private static void crashEverywhere(SimDisk disk, SplittableRandom random) {
    List<SimDisk.Event> journal = disk.journal();
    Mark before = null;
    for (int events = 0; events < journal.size(); events++) {
      SimDisk.Event next = journal.get(events);
      if (before != null && !(next instanceof SimDisk.Mark)) {
        Mark after = nextMark(journal, events, before);
        byte[] image =
            random.nextBoolean() ? disk.afterKill(events) : disk.afterPowerCut(events, random);
        String what = "a crash after " + events + " of " + journal.size() + " events";
        long[] capacities = {before.capacityBytes(), after.capacityBytes(), randomCapacity(random)};
        check(image, capacities[random.nextInt(3)], before, after, random, what);
      }
      if (next instanceof SimDisk.Mark(Mark mark)) {
        before = mark;
      }
    }
  }

  private static Mark nextMark(List<SimDisk.Event> journal, int from, Mark last) {
    for (SimDisk.Event event : journal.subList(from, journal.size())) {
      if (event instanceof SimDisk.Mark(Mark mark)) {
        return mark;
      }
    }
    return last;
  }

  /** A key that did not change since the flush is as it was, others have no older value. */
  private static void check(
      byte[] image, long capacity, Mark before, Mark after, SplittableRandom random, String what) {
    SimDisk disk = new SimDisk(image);
    Map<Long, Long> found;
    try (SimTier tier = open(disk, capacity)) {
      found = tier.versions(KEYS);
      for (long key = 0; key < KEYS; key++) {
        before.check(key, found.get(key), after, what + " to " + capacity + ", key " + key);
      }
      tier.tier().capacity().resize(randomCapacity(random));
      assertEquals(found, tier.versions(KEYS), what + ", resized");
      tier.tier().checkInvariants();
    }
    try (SimTier again = open(disk, capacity)) {
      assertEquals(found, again.versions(KEYS), what + ", once more");
    }
  }

  /** Other threads read and write, with more data than the file holds and failing operations. */
  @ParameterizedTest
  @ValueSource(ints = {0, 10})
  void readersAndWritersGoOn(int faultsPerMille) {
    Soak.seeded(random -> {
      SimDisk disk = new SimDisk(new byte[0]);
      FaultPlan faults = new FaultPlan(random.nextLong());
      AtomicBoolean ended = new AtomicBoolean();
      long seed = random.nextLong();
      int changes = Soak.times(12, 200);
      try (SimTier tier = new SimTier(disk, faults, setup(SMALL, true))) {
        faults.rate(faultsPerMille);
        Together.platform(
            4,
            me -> {
              SplittableRandom own = new SplittableRandom(seed + me);
              if (me == 0) {
                try {
                  resizeOften(tier, own, changes, faultsPerMille > 0);
                } finally {
                  ended.set(true);
                }
              }
              for (long version = 1; !ended.get(); version++) {
                long key = 4L * own.nextInt(20) + me; // each thread has its keys
                if (tier.put(key, version, 20 + own.nextInt(20_000)) == StoreResult.STORED) {
                  checkVersion(tier, key, version);
                }
              }
            });
        faults.rate(0);
        tier.tier().retryFailedWrites();
        tier.tier().checkInvariants();
      }
    });
  }

  private static void checkVersion(SimTier tier, long key, long version) {
    try (FileValue value = tier.tier().read(tier.key(key))) {
      if (value != null) {
        assertEquals(version, value.value().get(SimTier.VERSION, Long.BYTES), "key " + key);
      }
    }
  }

  private static void resizeOften(
      SimTier tier, SplittableRandom random, int changes, boolean mayFail) {
    for (int i = 0; i < changes; i++) {
      long wanted = randomCapacity(random);
      try {
        tier.tier().capacity().resize(wanted);
        assertEquals(wanted, tier.tier().metrics().stats().capacityBytes());
      } catch (DeviceException e) {
        assertTrue(mayFail, e::toString);
        String why = String.valueOf(e.getMessage());
        assertTrue(why.contains("the capacity "), why);
      }
    }
  }
}
