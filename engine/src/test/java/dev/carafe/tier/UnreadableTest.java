package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.carafe.FileOptions.Compression;
import dev.carafe.base.Together;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.SimDisk;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A full file can't be read, so no extent becomes free. The tier reports it and refuses puts until
 * the fault ends (F1). Regression: two threads that waited for room woke each other forever.
 */
@Timeout(60)
final class UnreadableTest {
  private static final int VALUE_BYTES = 5_000;

  @Test
  void anUnreadableExtentIsReportedUntilTheFaultEnds() {
    FaultPlan faults = new FaultPlan(1);
    SimTier.Setup small = new SimTier.Setup(512 << 10, Compression.NONE, false);
    try (SimTier tier = new SimTier(new SimDisk(new byte[0]), faults, small)) {
      faults.failReads(true);
      Together.platform(
          2,
          thread -> {
            long version = 1;
            int key =
                thread; // each key once: an extent without a live record is freed without a read
            while (tier.put(key, version, VALUE_BYTES) == StoreResult.STORED) {
              key += 2;
              version++;
            }
          });
      while (tier.tier().metrics().degraded() == null) {
        LockSupport.parkNanos(1_000_000);
      }
      assertNotNull(tier.tier().metrics().degraded());
      faults.failReads(false);
      while (tier.tier().metrics().degraded() != null) {
        LockSupport.parkNanos(1_000_000);
      }
      assertEquals(StoreResult.STORED, tier.put(1, 1_000_000, VALUE_BYTES));
      tier.tier().flush();
      assertNull(tier.tier().metrics().degraded());
      tier.tier().checkInvariants();
    }
  }
}
