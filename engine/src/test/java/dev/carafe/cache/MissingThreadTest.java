package dev.carafe.cache;

import static dev.carafe.cache.Caches.MIB;
import static dev.carafe.cache.Caches.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.FileOptions.Io;
import dev.carafe.Health;
import dev.carafe.base.NoThreads;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code health()} reports that the reaper can't start, until it runs (contract F6). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MissingThreadTest {
  @TempDir Path directory;

  @Test
  void healthReportsTheMissingReaper() {
    Io io = UsableDevices.usable(Io.URING);
    Path file = directory.resolve("c");
    try (Carafe<Long, byte[]> cache = Caches.builder(MIB, file, 8 * MIB, io).build()) {
      assertEquals(Health.State.OK, file(cache).state());
      try (NoThreads none = NoThreads.forNow()) {
        for (long key = 0; key < 2000; key++) {
          cache.put(key, value(key, 0, 3000));
        }
        Health.Tier seen = await(cache, Health.State.DEGRADED);
        assertTrue(none.refused() > 0);
        String why = String.valueOf(seen.why());
        assertTrue(why.contains("thread carafe-reaper can't be started"), why);
        assertTrue(why.contains("EAGAIN"), why);
        assertTrue(why.contains("ulimit -u"), why);
      }
      assertNull(await(cache, Health.State.OK).why());
      cache.put(1L, value(1, 1, 3000));
      cache.flush();
    }
  }

  private static Health.Tier file(Carafe<Long, byte[]> cache) {
    return Objects.requireNonNull(cache.health().file());
  }

  private static Health.Tier await(Carafe<Long, byte[]> cache, Health.State wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    Health.Tier seen = file(cache);
    while (seen.state() != wanted || (wanted == Health.State.DEGRADED && !names(seen))) {
      assertTrue(System.nanoTime() - end < 0, seen::toString);
      LockSupport.parkNanos(5_000_000);
      seen = file(cache);
    }
    return seen;
  }

  private static boolean names(Health.Tier seen) {
    return String.valueOf(seen.why()).contains("carafe-reaper");
  }
}
