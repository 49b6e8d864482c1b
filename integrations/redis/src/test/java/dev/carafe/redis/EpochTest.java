package dev.carafe.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which values an epoch believes. */
class EpochTest {
  private static NearValue value(long epoch, long number) {
    return new NearValue(epoch, number, new byte[0], NearValue.NEVER);
  }

  @Test
  void itsOwnValuesAreBelieved() {
    Epoch epoch = new Epoch();
    NearValue first = epoch.value(new byte[0], NearValue.NEVER);
    NearValue second = epoch.value(new byte[0], NearValue.NEVER);
    assertTrue(epoch.believes(first));
    assertTrue(epoch.believes(second));
    assertEquals(first.epoch(), second.epoch());
    assertTrue(first.number() != second.number(), "two values can't be told apart");
    assertFalse(new Epoch().believes(first));
  }

  @Test
  void confirmedOnesAreBelieved() {
    long seed = Long.getLong("carafe.test.seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    Epoch epoch = new Epoch();
    Set<Long> confirmed = new HashSet<>();
    long[] starts = {0, 1L << 31, Long.MAX_VALUE - 4000};
    for (int i = 0; i < 4000; i++) {
      long number = starts[random.nextInt(3)] + random.nextInt(4000);
      epoch.confirm(value(7, number));
      confirmed.add(number);
    }
    for (long start : starts) {
      for (long number = start; number < start + 4000; number++) {
        assertEquals(
            confirmed.contains(number),
            epoch.believes(value(7, number)),
            "number " + number + ", again with -Dcarafe.test.seed=" + seed);
        assertFalse(epoch.believes(value(8, number)));
      }
    }
  }
}
