package dev.carafe.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.Carafe;
import dev.carafe.Codec;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** {@code carafe.get.duration}, by outcome. */
final class TimedGetsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private Timer timer(String outcome) {
    return registry
        .get("carafe.get.duration")
        .tags("cache", "pages", "region", "eu", "outcome", outcome)
        .timer();
  }

  private void assertCounts(long hit, long load, long miss, long failure) {
    assertEquals(hit, timer("hit").count(), "hit");
    assertEquals(load, timer("load").count(), "load");
    assertEquals(miss, timer("miss").count(), "miss");
    assertEquals(failure, timer("failure").count(), "failure");
  }

  @Test
  void eachOutcomeHasItsTimer() {
    try (Carafe<String, String> cache =
        Carafe.newBuilder()
            .keyCodec(Codec.utf8())
            .valueCodec(Codec.utf8())
            .memory(1 << 20)
            .build()) {
      TimedGets<String, String> timed = new TimedGets<>(registry, cache, "pages", "region", "eu");
      assertNull(timed.getIfPresent("a"));
      assertCounts(0, 0, 1, 0);
      long bound = System.nanoTime();
      assertEquals("slow a", timed.get("a", key -> slowly(key)));
      assertCounts(0, 1, 1, 0);
      assertEquals("slow a", timed.getIfPresent("a"));
      assertEquals("slow a", timed.get("a", key -> "other"));
      assertCounts(2, 1, 1, 0);
      assertNull(timed.get("b", key -> null));
      assertCounts(2, 1, 2, 0);
      assertThrows(
          IllegalStateException.class,
          () ->
              timed.get(
                  "c",
                  key -> {
                    throw new IllegalStateException(key);
                  }));
      assertCounts(2, 1, 2, 1);
      double nanos = timer("load").totalTime(TimeUnit.NANOSECONDS);
      assertTrue(nanos >= 1_000_000 && nanos <= System.nanoTime() - bound, nanos + " ns");
    }
  }

  /** Takes 1 ms or longer. */
  private static String slowly(String key) {
    long end = System.nanoTime() + 1_000_000;
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
    return "slow " + key;
  }
}
