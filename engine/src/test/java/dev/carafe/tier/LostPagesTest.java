package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.DeviceException;
import dev.carafe.FileOptions.Compression;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Syncs fail and lose writes of extents that no buffer holds any more. After the next successful
 * flush, recovery finds the newest value of a key or none (R1, D2).
 *
 * <p>Regression: if the header of an extent was lost too, and the header of an earlier lap was in
 * its place, recovery ended the log before it, and older values replaced flushed ones.
 */
@Timeout(60)
final class LostPagesTest {
  private static final SimTier.Setup SETUP =
      new SimTier.Setup(1 << 20, Compression.NONE, /* late= */ false);
  private static final int VALUE_BYTES = 6_000;
  private static final int KEYS = 4;
  private static final int PUTS_OF_ONE_AND_A_HALF_LAPS = 260;
  private static final int PUTS_OF_TWO_EXTENTS = 16;
  private static final int FLUSHES = 20;

  private final Map<Long, Long> newest = new HashMap<>();
  private long version;

  private boolean put(SimTier tier) {
    long key = ++version % KEYS;
    boolean stored = tier.put(key, version, VALUE_BYTES) == StoreResult.STORED;
    if (stored) {
      newest.put(key, version);
    }
    return stored;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void aLostRecordDoesNotReturn(long seed) {
    SimDisk disk = new SimDisk(new byte[0]);
    FaultPlan faults = new FaultPlan(seed);
    faults.evict(true);
    try (SimTier tier = new SimTier(disk, faults, SETUP)) {
      for (int i = 0; i < PUTS_OF_ONE_AND_A_HALF_LAPS; i++) {
        assertTrue(put(tier));
      }
      faults.failSyncs(1000);
      for (long i = 0; i < PUTS_OF_TWO_EXTENTS + seed && put(tier); i++) {}
      if (tier.tier().metrics().stats().lost() == 0) { // nothing was synced meanwhile
        assertThrows(DeviceException.class, tier.tier()::flush);
      }
      faults.failSyncs(0);
      flush(tier);
      FileStats stats = tier.tier().metrics().stats();
      assertEquals(0, stats.removed(), "the application removed nothing");
      assertTrue(stats.lost() >= KEYS, "the failed sync discarded the record of each key");
      var _ = check(disk);
      assertTrue(put(tier));
      flush(tier);
      assertTrue(check(disk).containsKey(version % KEYS), "the last flushed value is missing");
    }
  }

  private Map<Long, Long> check(SimDisk disk) {
    Map<Long, Long> found = afterKill(disk);
    found.forEach((key, seen) -> assertEquals(newest.get(key), seen, () -> "key " + key));
    return found;
  }

  private static void flush(SimTier tier) {
    for (int i = 0; i < FLUSHES; i++) {
      try {
        tier.tier().flush();
        return;
      } catch (DeviceException e) {
        // a failed sync lost earlier records; the next flush does not depend on them
      }
    }
    throw new AssertionError("none of " + FLUSHES + " flushes succeeded");
  }

  private static Map<Long, Long> afterKill(SimDisk disk) {
    byte[] image = disk.afterKill(disk.journal().size());
    try (SimTier tier = new SimTier(new SimDisk(image), new FaultPlan(0), SETUP)) {
      return tier.versions(KEYS);
    }
  }
}
