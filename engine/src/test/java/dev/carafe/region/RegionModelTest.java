package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random calls against a list of the owners: chunks never overlap, no chunk changes its owner's
 * bytes, and every wrong free is refused without effect (M3).
 */
final class RegionModelTest {
  private static final int STEPS = 4000;
  private static final int BLOCK = 24;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void followsTheModel(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int slots : new int[] {0, 1, 3, 64, 65, 200}) {
      new Run(seed, random, slots).run();
    }
  }

  /** A region and its model. */
  private static final class Run {
    private record Held(Chunk chunk, byte stamp) {}

    private final long seed;
    private final SplittableRandom random;
    private final int slots;
    private final Region region;
    private final Region foreign;
    private final boolean[] taken;
    private final List<Held> held = new ArrayList<>();
    private final List<Chunk> freed = new ArrayList<>();
    private int step;

    Run(long seed, SplittableRandom random, int slots) {
      this.seed = seed;
      this.random = random;
      this.slots = slots;
      this.taken = new boolean[slots];
      this.region = Region.init(BLOCK, Arena.ofAuto().allocate((long) BLOCK * slots + 5), slots);
      this.foreign = Region.init(BLOCK, Arena.ofAuto().allocate(BLOCK));
    }

    private String at() {
      return "seed " + seed + ", " + slots + " slots, step " + step + ", " + region;
    }

    void run() {
      Chunk theirs = foreign.alloc();
      for (step = 0; step < STEPS; step++) {
        // phases of mostly alloc, then of mostly free, so that the region gets full and empty
        boolean filling = step / 500 % 2 == 0;
        switch (random.nextInt(8)) {
          case 0 -> freeAgain();
          case 1 ->
              assertThrows(IllegalArgumentException.class, () -> region.free(theirs), this::at);
          case 2 -> view();
          case 3 -> alloc();
          case 4 -> free();
          default -> {
            if (filling) {
              alloc();
            } else {
              free();
            }
          }
        }
        assertEquals(slots - held.size(), region.avail(), this::at);
        region.checkInvariants();
      }
      while (!held.isEmpty()) {
        free();
      }
      assertEquals(slots, region.avail(), this::at);
    }

    private void alloc() {
      if (held.size() == slots) {
        assertThrows(NoSpaceException.class, region::alloc, this::at);
        return;
      }
      Chunk chunk = region.tryAlloc();
      assertNotNull(chunk, this::at);
      int slot = slot(chunk);
      assertTrue(!taken[slot], () -> at() + ": " + chunk + " has an owner");
      taken[slot] = true;
      byte stamp = (byte) random.nextInt();
      chunk.toSegment().fill(stamp);
      held.add(new Held(chunk, stamp));
    }

    private int slot(Chunk chunk) {
      assertEquals(0, chunk.toOffset() % BLOCK, this::at);
      return (int) (chunk.toOffset() / BLOCK);
    }

    private void free() {
      if (!held.isEmpty()) {
        Held last = held.removeLast();
        int victim = random.nextInt(held.size() + 1);
        Held chosen = victim == held.size() ? last : held.set(victim, last);
        assertIntact(chosen, BLOCK);
        region.free(chosen.chunk());
        taken[slot(chosen.chunk())] = false;
        freed.add(chosen.chunk());
      }
    }

    private void freeAgain() {
      if (!freed.isEmpty()) {
        Chunk stale = freed.get(random.nextInt(freed.size()));
        assertThrows(IllegalStateException.class, () -> region.free(stale), this::at);
        assertThrows(IllegalStateException.class, stale::toSegment, this::at);
      }
    }

    private void view() {
      if (!held.isEmpty()) {
        assertIntact(held.get(random.nextInt(held.size())), random.nextInt(BLOCK + 1));
      }
    }

    private void assertIntact(Held one, int len) {
      MemorySegment view = one.chunk().toSegment(len);
      assertEquals(len, view.byteSize(), this::at);
      for (int i = 0; i < len; i++) {
        assertEquals(one.stamp(), view.get(JAVA_BYTE, i), this::at);
      }
    }
  }
}
