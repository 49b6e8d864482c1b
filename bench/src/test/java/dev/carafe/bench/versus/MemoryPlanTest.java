package dev.carafe.bench.versus;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Contenders;
import dev.carafe.contenders.Trait;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  @Test
  void noPlanExceedsTheTotal() {
    for (long total : new long[] {384L << 20, 1L << 30}) {
      for (Contender contender : Contenders.list()) {
        MemoryPlan plan = MemoryPlan.withinTotal(contender, total, 1024);
        long given = plan.heapBytes() + (contender.is(Trait.HEAP) ? 0 : plan.storeBytes());
        assertTrue(given <= total, contender.name() + " gets " + given + " of " + total);
        assertTrue(plan.storeBytes() > total / 4, contender.name() + " gets " + plan);
      }
    }
  }
}
