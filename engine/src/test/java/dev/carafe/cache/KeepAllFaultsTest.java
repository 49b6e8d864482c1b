package dev.carafe.cache;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.carafe.Carafe;
import dev.carafe.Codec;
import dev.carafe.DeviceException;
import dev.carafe.FileOptions;
import dev.carafe.FileOptions.Retention;
import dev.carafe.device.FaultPlan;
import dev.carafe.device.FaultPlan.Fault;
import dev.carafe.device.SimDevice;
import dev.carafe.device.SimDisk;
import dev.carafe.spi.CarafeSpec;
import dev.carafe.spi.Hooks;
import dev.carafe.spi.MemoryLimits;
import dev.carafe.spi.Timing;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A file that keeps all values, on a device that fails (contract D8, F1). */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeepAllFaultsTest {
  /** A device that takes no writes: puts throw, and what was put before is unchanged. */
  @Test
  void throwsWhileTheDeviceFails() {
    FaultPlan faults = new FaultPlan(1);
    FileOptions file =
        FileOptions.at(Path.of("simulated.carafe"), 4 * Caches.MIB)
            .withRetention(Retention.KEEP_ALL);
    SimDisk disk = new SimDisk(new byte[0]);
    CarafeSpec<Long, byte[]> spec =
        new CarafeSpec<>(
            Codec.int64(),
            Codec.bytes(),
            MemoryLimits.of(256 << 10),
            file,
            new Timing(null, null, Ticker.systemTicker(), null, Duration.ofMillis(30)),
            Hooks.none(),
            StatsCounter::disabledStatsCounter);
    try (Carafe<Long, byte[]> cache =
        Engine.open(spec, (options, fixed) -> new SimDevice(disk, faults, false))) {
      faults.fail(Fault.WRITE_ENOSPC, 1, true);
      int count = 0;
      DeviceException thrown = null;
      while (thrown == null) {
        try {
          cache.put((long) count, Caches.value(count, 0, 2_000));
          count++;
        } catch (DeviceException e) {
          thrown = e;
        }
      }
      assertTrue(String.valueOf(thrown.getMessage()).contains("put failed"), thrown.getMessage());
      KeepAllTest.checkAll(cache, count, 2_000);
      faults.heal();
      cache.flush();
      cache.put((long) count, Caches.value(count, 0, 2_000));
      KeepAllTest.checkAll(cache, count + 1, 2_000);
      Caches.checkCounters(cache);
    }
  }
}
