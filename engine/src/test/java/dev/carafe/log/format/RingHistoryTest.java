package dev.carafe.log.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Soak;
import dev.carafe.log.format.FileHeaderLayout.CodecNames;
import dev.carafe.log.format.FileHeaderLayout.FileHeader;
import dev.carafe.log.format.FileHeaderLayout.HashSecret;
import dev.carafe.log.format.RingHistory.Ring;
import dev.carafe.log.format.RingHistory.Run;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** D7: each slot has one extent of the ring, and extents keep their slots if possible. */
final class RingHistoryTest {
  private static final int MAX_SLOTS = 40;

  private static int slotOf(RingHistory rings, long sequence) {
    return rings.slotMap().slotOf(sequence);
  }

  private static int[] slots(RingHistory rings) {
    return IntStream.range(0, rings.slots()).map(i -> slotOf(rings, i)).toArray();
  }

  /** A change of a file that was not open, by an earlier version of the engine. */
  private static RingHistory resized(RingHistory rings, long oldest, int slots) {
    List<RingHistory.Ring> changed = new ArrayList<>(rings.rings());
    changed.add(new RingHistory.Ring(oldest, slots));
    return new RingHistory(oldest, changed);
  }

  @Test
  void aNewRingIsPlain() {
    RingHistory rings = RingHistory.of(7);
    assertArrayEquals(IntStream.range(0, 7).toArray(), slots(rings));
  }

  /** The slots are part of the format: these were derived from FORMAT.md by hand. */
  @Test
  void anExampleHasTheSlotsOfTheFormat() {
    RingHistory grown = resized(RingHistory.of(5), 7, 8);
    assertArrayEquals(new int[] {3, 4, 0, 1, 5, 6, 7, 2}, slots(grown));
    RingHistory shrunk = resized(grown, 9, 6);
    assertArrayEquals(new int[] {5, 2, 3, 4, 0, 1}, slots(shrunk));
  }

  @Test
  void extentsStayInTheirSlots() {
    int rounds = Soak.times(500, 50_000);
    Soak.seeded(random -> {
      for (int round = 0; round < rounds; round++) {
        RingHistory rings = RingHistory.of(random.nextInt(5, MAX_SLOTS));
        long first = 1;
        while (rings.entryCount() < RingHistory.MAX_ENTRIES) {
          RingHistory changed = resized(rings, first, random.nextInt(5, MAX_SLOTS));
          checkAllSlots(changed);
          for (int i = 0; i < Math.min(rings.slots(), changed.slots()); i++) {
            int slot = slotOf(rings, first + i);
            boolean isLeft = slot < changed.slots();
            assertEquals(isLeft, slot == slotOf(changed, first + i), rings + ", " + changed);
          }
          assertEquals(first, changed.firstSequence());
          rings = changed;
          first += random.nextInt(3) * random.nextLong(60);
        }
      }
    });
  }

  private static void checkAllSlots(RingHistory rings) {
    int[] slots = slots(rings);
    Arrays.sort(slots);
    assertArrayEquals(IntStream.range(0, rings.slots()).toArray(), slots, rings.toString());
  }

  @Test
  void aRestartedRingBeginsAtItsOrigin() {
    RingHistory rings = RingHistory.restarted(100, 3, 8);
    checkAllSlots(rings);
    assertEquals(0, slotOf(rings, 3));
    assertEquals(7, slotOf(rings, 2));
    assertEquals((100 - 3) % 8, slotOf(rings, 100));
  }

  /** Changes while the log goes on: no two extents of the log have the same slot. */
  @Test
  void keptExtentsStayAndLaterOnesHaveFreeSlots() {
    int rounds = Soak.times(15, 2_000);
    Soak.seeded(random -> {
      for (int round = 0; round < rounds; round++) {
        RingHistory rings = RingHistory.of(random.nextInt(5, MAX_SLOTS));
        long oldest = 1L + random.nextInt(100);
        long next = oldest + random.nextInt(rings.slots());
        for (int change = 0; change < 40; change++) {
          int wanted = random.nextInt(5, MAX_SLOTS);
          oldest = Math.max(oldest, next - wanted + 1);
          RingHistory changed = rings.continued(oldest, next, wanted);
          if (changed == null) {
            assertTrue(next - oldest >= RingHistory.MAX_ENTRIES, "fewer extents always fit");
            oldest++;
            continue;
          }
          assertTrue(changed.isPossible());
          assertEquals(changed, writtenAndRead(changed));
          for (long s = oldest; s < next; s++) {
            assertEquals(slotOf(rings, s), slotOf(changed, s), rings + " to " + changed);
          }
          checkWindows(changed, oldest, next, random.nextInt(3 * MAX_SLOTS));
          assertTrue(changed.slotCount() >= wanted);
          next += random.nextInt(wanted);
          while (next - oldest >= wanted || changed.lastBeyondEnd() >= oldest) {
            oldest++;
            changed = changed.beginningAt(oldest);
            next = Math.max(next, oldest);
          }
          rings = changed.settled(oldest);
          assertEquals(wanted, rings.slotCount());
          checkWindows(rings, oldest, next, wanted);
        }
      }
    });
  }

  private static RingHistory writtenAndRead(RingHistory rings) {
    FileHeader header =
        new FileHeader(1, new HashSecret(2, 3), 1 << 16, rings, 1 << 30, CodecNames.NONE);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(FormatVersion.BLOCK_BYTES, FormatVersion.BLOCK_BYTES);
      FileHeaderLayout.write(block, header);
      assertTrue(FileHeaderLayout.verifies(block), rings::toString);
      return FileHeaderLayout.read(block).rings();
    }
  }

  /** Each change of a log that keeps its extents, however many there are, has an entry. */
  @Test
  void aShortLogAlwaysHasRoomForAChange() {
    int changes = Soak.times(300, 100_000);
    Soak.seeded(random -> {
      RingHistory rings = RingHistory.of(20);
      long oldest = 1;
      for (int change = 0; change < changes; change++) {
        int kept = random.nextInt(1, RingHistory.MAX_ENTRIES);
        int wanted = random.nextInt(kept + 1, 3 * MAX_SLOTS);
        RingHistory changed =
            Objects.requireNonNull(rings.continued(oldest, oldest + kept, wanted));
        for (long s = oldest; s < oldest + kept; s++) {
          assertEquals(slotOf(rings, s), slotOf(changed, s), rings + " to " + changed);
        }
        long beyond = changed.lastBeyondEnd();
        oldest = Math.max(oldest + random.nextInt(kept), beyond + 1);
        rings = changed.settled(oldest);
      }
    });
  }

  @Test
  void impossibleRunsAreRefused() {
    Ring ring = new Ring(10, 8, 4);
    Run low = new Run(10, 5, 2);
    assertTrue(new RingHistory(10, List.of(low, new Run(12, 2, 2)), List.of(ring)).isPossible());
    List<List<Run>> impossible =
        List.of(
            List.of(low), // too few extents for those kept
            List.of(low, new Run(12, 4, 2)), // a slot twice
            List.of(low, new Run(13, 2, 2)), // extent 12 has no slot
            List.of(new Run(11, 5, 3)), // extent 10 has no slot
            List.of(low, new Run(12, -1, 2)),
            List.of(low, new Run(12, FileHeaderLayout.MAX_EXTENTS - 1, 2)),
            List.of(low, new Run(12, 0, Integer.MIN_VALUE)));
    for (List<Run> runs : impossible) {
      assertFalse(new RingHistory(10, runs, List.of(ring)).isPossible(), runs::toString);
    }
    assertFalse(new RingHistory(10, List.of(low), List.of(new Ring(10, 8))).isPossible());
  }

  /** A log that writes as long as it has fewer extents than slots never meets itself. */
  private static void checkWindows(RingHistory rings, long from, long to, int writes) {
    long oldest = from;
    for (long next = to; next < to + writes; next++) {
      oldest = Math.max(oldest, next - rings.slots() + 1);
      int slot = slotOf(rings, next);
      assertTrue(slot < rings.slots());
      for (long s = oldest; s < next; s++) {
        assertTrue(slotOf(rings, s) != slot, rings + ": " + s + " and " + next);
      }
    }
  }

  /** A log that does not pass the seam of a plain ring keeps the ring plain. */
  @Test
  void aPlainRingStaysPlain() {
    RingHistory grown = RingHistory.of(8).continued(17, 21, 12); // slots 1 to 4
    assertEquals(1, Objects.requireNonNull(grown).rings().size());
    assertEquals(4, slotOf(grown, 20));
    assertEquals(11, slotOf(grown, 27));
    RingHistory shrunk = Objects.requireNonNull(grown.continued(26, 30, 8));
    assertEquals(12, shrunk.slotCount());
    assertEquals(27, shrunk.lastBeyondEnd());
    assertEquals(1, shrunk.settled(30).rings().size());
    assertEquals(slotOf(shrunk, 33), slotOf(shrunk.settled(30), 33));
  }
}
