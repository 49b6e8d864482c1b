package dev.carafe.uring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A completion is matched with its operation or refused: a duplicate, late or unknown completion
 * never ends another operation (contract F3).
 */
final class InFlightOpsTest {
  @Test
  void eachOperationHasItsOwnSlot() {
    InFlightOps slots = new InFlightOps(4);
    Set<Long> given = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      assertFalse(slots.isFull());
      assertEquals(i, slots.inUse());
      Nop op = new Nop();
      long userData = slots.add(op);
      assertTrue(given.add(userData));
      assertSame(op, slots.get(userData));
      assertSame(op, slots.get(userData), "get does not remove");
    }
    assertTrue(slots.isFull());
  }

  @Test
  void aReusedSlotHasANewGeneration() {
    InFlightOps slots = new InFlightOps(1);
    Set<Long> given = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Nop op = new Nop();
      long userData = slots.add(op);
      assertTrue(given.add(userData), "generation " + i);
      assertEquals(0, (int) userData, "the one slot");
      assertSame(op, slots.get(userData));
      slots.remove(userData);
      assertEquals(0, slots.inUse());
    }
  }

  @Test
  void aSecondOrLateCompletionIsRefused() {
    InFlightOps slots = new InFlightOps(2);
    long first = slots.add(new Nop());
    slots.remove(first);
    assertRefused(slots, first);
    long second = slots.add(new Nop());
    assertNotEquals(first, second);
    assertEquals((int) first, (int) second, "the same slot");
    assertRefused(slots, first);
  }

  @Test
  void anUnknownCompletionIsRejected() {
    InFlightOps slots = new InFlightOps(2);
    var _ = slots.add(new Nop());
    for (long userData : new long[] {1, 2, -1, Integer.MIN_VALUE, 1L << 32, Long.MAX_VALUE}) {
      assertRefused(slots, userData);
    }
  }

  private static void assertRefused(InFlightOps slots, long userData) {
    var error = assertThrows(IllegalStateException.class, () -> slots.get(userData));
    assertTrue(
        String.valueOf(error.getMessage()).contains("slot " + (int) userData), error.getMessage());
  }
}
