package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.FileOptions.Compression;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Removals for which the log had no room are written when it has room again (D6, F1). */
@Timeout(60)
final class TombstoneBacklogTest {
  private static final SimTier.Setup SETUP = new SimTier.Setup(512 << 10, Compression.NONE, true);
  private static final int KEYS = 16;
  private static final int VALUE_BYTES = 1_000;

  /**
   * Regression: the maintenance thread did not append the backlog. Without another operation, a
   * kill after the end of the fault restored the removed values.
   */
  @Test
  void removalsAreWrittenAfterAFaultWithoutAnotherOperation() {
    SimDisk disk = new SimDisk(new byte[0]);
    FaultPlan faults = new FaultPlan(0);
    try (SimTier tier = new SimTier(disk, faults, SETUP)) {
      for (long key = 0; key < KEYS; key++) {
        assertEquals(StoreResult.STORED, tier.put(key, 1, VALUE_BYTES));
      }
      tier.tier().flush();
      assertEquals(KEYS, removable(disk));
      faults.full(true);
      long filler = KEYS;
      while (tier.put(filler, 1, VALUE_BYTES) == StoreResult.STORED) {
        filler++;
      }
      for (long key = filler - 1; key >= 0; key--) { // the first removals fill the open extent
        assertTrue(tier.remove(key));
      }
      assertEquals(KEYS, removable(disk));
      faults.full(false);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (removable(disk) > 0) {
        assertTrue(System.nanoTime() < end, "the removals are not in the file");
        Thread.yield();
      }
    }
  }

  /** Returns how many of the first keys a reopened file would have. */
  private static long removable(SimDisk disk) {
    Map<Long, Long> found = SimTier.recovered(disk.content(), SETUP);
    return found.keySet().stream().filter(key -> key < KEYS).count();
  }
}
