package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.format.CacheNumber;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * D2, D3, R1–R3 at the file tier: a crash at every write of random histories, as a kill and as a
 * power cut. Recovery finds a prefix that contains the last completed flush. Histories continue
 * after a crash, several times.
 */
class SimCrashTest {
  private static final int GENERATIONS = Soak.times(2, 4);
  private static final int LONG_ROUNDS = 6;
  private static final int KEYS = 24;
  private static final long KIB = 1024;

  /** A kind of history. */
  record Shape(
      String name,
      SimTier.Setup setup,
      int ops,
      int maxValueBytes,
      boolean mayMiss,
      int failingSyncs) {
    Shape(String name, SimTier.Setup setup, int ops, int maxValueBytes, boolean mayMiss) {
      this(name, setup, ops, maxValueBytes, mayMiss, 0);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Shape> shapes() {
    SimTier.Setup roomy = new SimTier.Setup(4096 * KIB, Compression.NONE, false);
    SimTier.Setup late = new SimTier.Setup(4096 * KIB, Compression.LZ4, true);
    SimTier.Setup small = new SimTier.Setup(512 * KIB, Compression.NONE, false);
    SimTier.Setup smallLate = new SimTier.Setup(512 * KIB, Compression.NONE, true);
    return Stream.of(
        new Shape("no reclaim", roomy, 60, 12_000, false),
        new Shape("late completions, LZ4", late, 60, 40_000, false),
        new Shape("reclaim, all reinserted", small, 150, 7_000, false),
        new Shape("reclaim, late completions", smallLate, 150, 7_000, false),
        new Shape("more than the file holds", small, 80, 40_000, true),
        new Shape("the same, late", smallLate, 80, 40_000, true),
        new Shape("syncs that fail", small, 120, 7_000, false, 700),
        new Shape("syncs that fail, late", smallLate, 120, 7_000, false, 700),
        new Shape("syncs that fail and lose pages", small, 120, 7_000, true, 300),
        new Shape("the same, late", smallLate, 120, 7_000, true, 500));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void aCrashAtAnyWriteLeavesAPrefix(Shape shape) {
    int rounds = Integer.getInteger("carafe.test.crashes", Soak.times(1, LONG_ROUNDS));
    for (int round = 0; round < rounds; round++) {
      Soak.seeded(random -> runGenerations(shape, random));
    }
  }

  private static void runGenerations(Shape shape, SplittableRandom random) {
    byte[] content = {};
    Map<Long, Long> known = Map.of();
    long version = 1;
    for (int generation = 0; generation < GENERATIONS; generation++) {
      SimDisk disk = new SimDisk(content);
      History history = new History(known);
      version = run(shape, disk, history, random, version);
      crashEverywhere(shape, disk, history, random);
      List<SimDisk.Event> journal = disk.journal();
      int at = journal.size() - random.nextInt(journal.size() / 3);
      content = disk.afterPowerCut(at, random);
      known = reopened(shape, content);
      if (shape.mayMiss()) { // an opening may already have reclaimed some records
        known.putAll(SimTier.recovered(content, shape.setup()));
      }
    }
  }

  /** Makes random changes and marks the progress of the history in the journal of the disk. */
  private static long run(
      Shape shape, SimDisk disk, History history, SplittableRandom random, long firstVersion) {
    long version = firstVersion;
    int flushed = 0;
    FaultPlan faults = new FaultPlan(random.nextLong());
    try (SimTier tier = new SimTier(disk, faults, shape.setup())) {
      faults.failSyncs(shape.failingSyncs());
      faults.evict(shape.failingSyncs() > 0 && shape.mayMiss());
      disk.mark(new History.Moment(0, 0));
      for (int i = 0; i < shape.ops(); i++) {
        long key = random.nextInt(KEYS);
        int chance = random.nextInt(100);
        if (chance < 8) {
          flushed = flush(tier) ? history.length() : flushed;
        } else if (chance < 25) {
          history.remove(key);
          disk.mark(new History.Moment(history.length(), flushed));
          var _ = tier.remove(key);
        } else if (chance < 27) {
          history.clear();
          disk.mark(new History.Moment(history.length(), flushed));
          tier.tier().clear(CacheNumber.ALL);
          tier.tier().capacity().reclaimDead();
        } else {
          int bytes = SimTier.MIN_VALUE_BYTES + random.nextInt(shape.maxValueBytes());
          history.put(key, version);
          disk.mark(new History.Moment(history.length(), flushed));
          putUntilStored(tier, key, version++, bytes);
        }
        disk.mark(new History.Moment(history.length(), flushed));
      }
      tier.tier().checkInvariants();
      checkLive(shape, tier, history);
      faults.failSyncs(0);
    }
    return version;
  }

  private static boolean flush(SimTier tier) {
    try {
      tier.tier().flush();
      return true;
    } catch (DeviceException e) {
      return false; // a failed flush promises nothing
    }
  }

  /** Repeats a put until the file accepts it, as log maintenance repeats failed writes. */
  private static void putUntilStored(SimTier tier, long key, long version, int bytes) {
    while (tier.put(key, version, bytes) != StoreResult.STORED) {
      Thread.onSpinWait();
    }
  }

  private static void checkLive(Shape shape, SimTier tier, History history) {
    History.Moment now = new History.Moment(history.length(), history.length());
    assertNull(history.explain(tier.versions(KEYS), now, shape.mayMiss()), "before any crash");
  }

  private static void crashEverywhere(
      Shape shape, SimDisk disk, History history, SplittableRandom random) {
    List<SimDisk.Event> journal = disk.journal();
    History.Moment moment = null;
    int crashes = 0;
    for (int events = 0; events < journal.size(); events++) {
      SimDisk.Event next = journal.get(events);
      if (next instanceof SimDisk.Write && moment != null) {
        byte[] image =
            random.nextBoolean() ? disk.afterKill(events) : disk.afterPowerCut(events, random);
        assertNull(
            history.explain(reopened(shape, image), moment, shape.mayMiss()),
            "a crash after " + events + " of " + journal.size() + " events");
        crashes++;
      }
      if (next instanceof SimDisk.Mark(History.Moment then)) {
        moment = then;
      }
    }
    Record.add("crashes of the simulated disk, each at another write", crashes);
    Record.add(Record.LOST, 0);
  }

  /** The recovered state, which a second recovery must find again. */
  private static Map<Long, Long> reopened(Shape shape, byte[] image) {
    SimTier.Setup calm =
        new SimTier.Setup(shape.setup().capacityBytes(), shape.setup().compression(), false);
    SimDisk disk = new SimDisk(image);
    Map<Long, Long> found = new HashMap<>();
    try (SimTier tier = new SimTier(disk, new FaultPlan(0), calm)) {
      found.putAll(tier.versions(KEYS));
      tier.tier().checkInvariants();
    }
    try (SimTier again = new SimTier(disk, new FaultPlan(0), calm)) {
      Map<Long, Long> later = again.versions(KEYS);
      if (shape.mayMiss()) {
        later.forEach((key, version) -> assertEquals(found.get(key), version));
      } else {
        assertEquals(found, later, "opened once more");
      }
    }
    return found;
  }
}
