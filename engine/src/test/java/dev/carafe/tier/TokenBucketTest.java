package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Soak;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The bytes that a budget admits, on a simulated clock. */
class TokenBucketTest {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);
  private static final long PER_HOUR = 100 << 20;
  private static final long PER_DAY = 24 * PER_HOUR;

  private record Write(long atNanos, long bytes) {}

  @Test
  void eachHourHasItsPartOfTheBudget() {
    Soak.seeded(random -> {
      for (int round = 0; round < Soak.times(3, 100); round++) {
        offerForTwoDays(random);
      }
    });
  }

  /** Offers more than the budget, in bursts with pauses, and some bytes that must be written. */
  private static void offerForTwoDays(SplittableRandom random) {
    long now = random.nextLong(Long.MAX_VALUE / 2);
    long end = now + 48 * HOUR;
    TokenBucket budget = new TokenBucket(PER_DAY, now, 5_000);
    ArrayDeque<Write> lastHour = new ArrayDeque<>();
    long written = 5_000;
    long inLastHour = 0;
    long sinceFullHour = 0;
    long busySince = now;
    while (now < end) {
      boolean pause = random.nextInt(20_000) == 0;
      now += pause ? random.nextLong(3 * HOUR) : random.nextLong(HOUR / 5_000);
      long bytes = 1 + random.nextLong(100_000);
      boolean must = random.nextInt(10) == 0;
      if (budget.admits(now, written) || must) {
        written += bytes;
        lastHour.add(new Write(now, bytes));
        inLastHour += bytes;
        sinceFullHour += bytes;
      }
      while (!lastHour.isEmpty() && lastHour.getFirst().atNanos < now - HOUR) {
        inLastHour -= lastHour.removeFirst().bytes;
      }
      long most = inLastHour;
      assertTrue(most <= PER_HOUR * 1.05, () -> most + " bytes within an hour");
      if (pause) {
        busySince = now;
        sinceFullHour = 0;
      } else if (now - busySince > HOUR) {
        long least = sinceFullHour;
        assertTrue(least >= PER_HOUR * 0.95, () -> least + " bytes in an hour of demand");
        busySince = now;
        sinceFullHour = 0;
      }
    }
  }

  @Test
  void bytesThatMustBeWrittenDelayOthersForAnHourAtMost() {
    TokenBucket budget = new TokenBucket(PER_DAY, 0, 0);
    assertTrue(budget.admits(0, 0));
    long written = 10 * PER_HOUR; // a flush
    assertFalse(budget.admits(1, written));
    assertFalse(budget.admits(HOUR - 1, written));
    assertTrue(budget.admits(HOUR + 2, written));
  }

  @Test
  void aClockThatStepsBackAddsNothing() {
    TokenBucket budget = new TokenBucket(PER_DAY, HOUR, 0);
    assertFalse(budget.admits(HOUR, PER_HOUR));
    assertFalse(budget.admits(0, PER_HOUR));
    assertFalse(budget.admits(HOUR, PER_HOUR));
    assertTrue(budget.admits(2 * HOUR, PER_HOUR));
    assertEquals(true, budget.admits(2 * HOUR, PER_HOUR));
  }
}
