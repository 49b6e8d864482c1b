package dev.carafe.log.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Soak;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** D7: each slot has one extent of the ring, and extents keep their slots if possible. */
final class RingHistoryTest {
  private static final int MAX_SLOTS = 40;

  private static int slotOf(RingHistory rings, long sequence) {
    return rings.slotsBySequence()[(int) (sequence % rings.slots())];
  }

  @Test
  void aNewRingIsPlain() {
    RingHistory rings = RingHistory.of(7);
    assertTrue(rings.isRoundRobin());
    assertArrayEquals(IntStream.range(0, 7).toArray(), rings.slotsBySequence());
    assertFalse(rings.resized(1, 8).isRoundRobin());
  }

  /** The slots are part of the format: these were derived from FORMAT.md by hand. */
  @Test
  void anExampleHasTheSlotsOfTheFormat() {
    RingHistory grown = RingHistory.of(5).resized(7, 8);
    assertArrayEquals(new int[] {3, 4, 0, 1, 5, 6, 7, 2}, grown.slotsBySequence());
    RingHistory shrunk = grown.resized(9, 6);
    assertArrayEquals(new int[] {5, 2, 3, 4, 0, 1}, shrunk.slotsBySequence());
  }

  @Test
  void extentsStayInTheirSlots() {
    int rounds = Soak.times(500, 50_000);
    Soak.seeded(random -> {
      for (int round = 0; round < rounds; round++) {
        RingHistory rings = RingHistory.of(random.nextInt(5, MAX_SLOTS));
        for (long first = 1; !rings.isFull(); first += random.nextInt(3) * random.nextLong(60)) {
          RingHistory changed = rings.resized(first, random.nextInt(5, MAX_SLOTS));
          checkAllSlots(changed);
          for (int i = 0; i < Math.min(rings.slots(), changed.slots()); i++) {
            int slot = slotOf(rings, first + i);
            boolean isLeft = slot < changed.slots();
            assertEquals(isLeft, slot == slotOf(changed, first + i), rings + ", " + changed);
          }
          assertEquals(first, changed.firstSequence());
          rings = changed;
        }
      }
    });
  }

  private static void checkAllSlots(RingHistory rings) {
    int[] slots = rings.slotsBySequence();
    Arrays.sort(slots);
    assertArrayEquals(IntStream.range(0, rings.slots()).toArray(), slots, rings.toString());
  }

  @Test
  void aChangeThatReplacesTheLastIsTheSameAsBoth() {
    Soak.seeded(random -> {
      for (int round = 0; round < 2_000; round++) {
        RingHistory rings = RingHistory.of(random.nextInt(5, MAX_SLOTS));
        for (int i = random.nextInt(4); i > 0; i--) {
          rings = rings.resized(random.nextInt(200), random.nextInt(5, MAX_SLOTS));
        }
        long first = random.nextInt(200, 400);
        int most = random.nextInt(rings.slots(), MAX_SLOTS + 1);
        int last = random.nextInt(5, MAX_SLOTS);
        List<RingHistory.Ring> all = new ArrayList<>(rings.rings());
        all.add(new RingHistory.Ring(first, most));
        all.add(new RingHistory.Ring(first, last));
        RingHistory both = new RingHistory(first, all);
        RingHistory one = rings.resized(first, most).resized(first, last);
        assertEquals(rings.rings().size() + 1, one.rings().size());
        assertArrayEquals(both.slotsBySequence(), one.slotsBySequence(), both.toString());
      }
    });
  }

  @Test
  void aRestartedRingBeginsAtItsOrigin() {
    RingHistory rings = RingHistory.restarted(100, 3, 8);
    checkAllSlots(rings);
    assertEquals(0, slotOf(rings, 3));
    assertEquals(7, slotOf(rings, 2));
    assertEquals((100 - 3) % 8, slotOf(rings, 100));
  }
}
