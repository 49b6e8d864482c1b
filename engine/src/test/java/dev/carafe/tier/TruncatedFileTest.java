package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DamagedFileException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.FileOptions.Recovery;
import dev.carafe.base.Record;
import dev.carafe.base.Soak;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import dev.carafe.log.Geometry;
import dev.carafe.log.LogFiles;
import dev.carafe.log.format.FormatVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * F1, R1 and R2: a file is truncated at each boundary of an extent and inside each extent, with the
 * end of the log in each slot. Every key then has its newest value or none, also if the process is
 * killed or the power fails during the next opening. A strict opening is refused.
 */
class TruncatedFileTest {
  private static final int CAPACITY_BYTES = 512 << 10;
  private static final SimTier.Setup SETUP =
      new SimTier.Setup(CAPACITY_BYTES, Compression.NONE, false);
  private static final Geometry GEOMETRY = Geometry.of(CAPACITY_BYTES);
  private static final int KEYS = 24;
  private static final int VALUE_BYTES = 3_000;

  /** A file, and the newest version of each key that has one. */
  private record Written(byte[] bytes, Map<Long, Long> newest) {}

  /** Puts values of random keys until the log has this many extents, flushes, closes or kills. */
  private static Written write(int puts, boolean closed, SplittableRandom random) {
    SimDisk disk = new SimDisk(new byte[0]);
    Map<Long, Long> newest = new HashMap<>();
    byte[] killed;
    try (SimTier tier = new SimTier(disk, new FaultPlan(0), SETUP)) {
      for (long version = 1; version <= puts; version++) {
        long key = random.nextInt(KEYS);
        if (random.nextInt(8) == 0) {
          tier.remove(key);
          newest.remove(key);
        } else {
          assertEquals(StoreResult.STORED, tier.put(key, version, VALUE_BYTES));
          newest.put(key, version);
        }
      }
      tier.tier().flush();
      killed = disk.content();
    }
    return new Written(closed ? disk.content() : killed, newest);
  }

  /** The start of each extent, the end of its header, a random offset in it, and its end. */
  private static List<Integer> cuts(SplittableRandom random) {
    List<Integer> cuts = new ArrayList<>();
    for (int slot = 0; slot < GEOMETRY.extentCount(); slot++) {
      int begin = (int) GEOMETRY.extentOffset(slot);
      int inside = random.nextInt(FormatVersion.BLOCK_BYTES, (int) GEOMETRY.extentBytes());
      int header = begin + FormatVersion.BLOCK_BYTES;
      cuts.addAll(List.of(begin, begin + 1, header - 1, header, begin + inside));
    }
    cuts.add((int) GEOMETRY.extentOffset(GEOMETRY.extentCount()) - 1);
    return cuts;
  }

  /** Opens and checks that no value is stale. Returns the number of keys that have a value. */
  private static int check(SimDisk disk, Map<Long, Long> newest, String what) {
    try (SimTier tier = new SimTier(disk, new FaultPlan(0), SETUP)) {
      Map<Long, Long> found = tier.versions(KEYS);
      found.forEach(
          (key, version) -> assertEquals(newest.get(key), version, what + ", key " + key));
      tier.tier().checkInvariants();
      return found.size();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingStaleIsFound(boolean closed) {
    int files = Soak.times(6, 400);
    long[] kept = {0};
    Soak.seeded(random -> {
      for (int i = 0; i < files; i++) {
        Written written = write(20 + random.nextInt(400), closed, random);
        for (int bytes : cuts(random)) {
          byte[] cut = Arrays.copyOf(written.bytes(), bytes);
          String what = "truncated to " + bytes;
          SimDisk disk = new SimDisk(cut);
          kept[0] += check(disk, written.newest(), what);
          assertTrue(disk.content().length > bytes, "the length stays short");
          kept[0] += check(new SimDisk(disk.content()), written.newest(), what + ", and reopened");
        }
      }
    });
    assertTrue(kept[0] > 0, "a file that lost only old extents has no value left");
    Record.add("files cut while closed", files);
  }

  @Test
  void nothingStaleIsFoundAfterACrashOfTheNextOpening() {
    int files = Soak.times(2, 60);
    Soak.seeded(random -> {
      for (int i = 0; i < files; i++) {
        Written written = write(20 + random.nextInt(400), random.nextBoolean(), random);
        for (int bytes : cuts(random)) {
          SimDisk disk = new SimDisk(Arrays.copyOf(written.bytes(), bytes));
          check(disk, written.newest(), "truncated to " + bytes);
          for (int event = 0; event <= disk.journal().size(); event++) {
            String what = "truncated to " + bytes + ", crashed after event " + event;
            check(new SimDisk(disk.afterKill(event)), written.newest(), what);
            check(new SimDisk(disk.afterPowerCut(event, random)), written.newest(), what);
          }
        }
      }
    });
  }

  @Test
  void aStrictOpeningIsRefused() { // D4
    Soak.seeded(random -> {
      Written written = write(200, true, random);
      for (int bytes : cuts(random)) {
        SimDisk disk = new SimDisk(Arrays.copyOf(written.bytes(), bytes));
        DamagedFileException refused =
            assertThrows(
                DamagedFileException.class,
                () -> new SimTier(disk, new FaultPlan(0), SETUP, Recovery.STRICT).close());
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("simulated.carafe"), message);
        assertTrue(message.contains(String.valueOf(written.bytes().length)), message);
        assertTrue(message.contains(bytes + " bytes"), message);
        assertEquals(bytes, disk.content().length);
      }
    });
  }

  /** A file whose creation was interrupted is not damaged. */
  @Test
  void anUnfinishedFileIsNotTruncated() { // F7
    SimDisk disk = new SimDisk(new byte[(int) LogFiles.UNFINISHED_BYTES]);
    try (SimTier tier = new SimTier(disk, new FaultPlan(0), SETUP, Recovery.STRICT)) {
      assertEquals(Map.of(), tier.versions(KEYS));
    }
  }
}
