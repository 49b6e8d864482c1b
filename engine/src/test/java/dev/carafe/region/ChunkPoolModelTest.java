package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Limits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random calls with sizes that change over time, against a map of the owner of each byte: chunks
 * never overlap, no byte is lost or changed, a stale ref is refused (M3), and evacuation can always
 * make room (B4).
 */
final class ChunkPoolModelTest {
  private static final int STEPS = 6000;
  private static final int PHASE_STEPS = 400;
  private static final int[][] PHASES = {
    {1, 200}, {150, 2_500}, {4_000, 33_000}, {33_000, 120_000}, {1, 120_000}
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void smallArena(long seed) {
    new Run(seed, 64).run();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void arenaWithRegionsOfManyPages(long seed) {
    new Run(seed, 4096).run();
  }

  /** A pool and its model. */
  private static final class Run implements Evacuator {
    private static final class Held {
      final long stamp;
      long ref;

      Held(long ref, long stamp) {
        this.ref = ref;
        this.stamp = stamp;
      }
    }

    private final long seed;
    private final SplittableRandom random;
    private final ChunkPool pool;
    private final List<Held> held = new ArrayList<>();
    private final TreeMap<Long, Held> byOffset = new TreeMap<>();
    private final List<Long> stale = new ArrayList<>();
    private long usedBytes;
    private int step;
    private int refused;

    Run(long seed, int pages) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
      long bytes = (long) pages * Limits.PAGE_BYTES;
      this.pool = new ChunkPool(Arena.ofAuto().allocate(bytes, Limits.PAGE_BYTES));
    }

    private String at() {
      return "seed " + seed + ", step " + step + ", " + held.size() + " chunks held";
    }

    void run() {
      for (step = 0; step < STEPS; step++) {
        int[] phase = PHASES[step / PHASE_STEPS % PHASES.length];
        int bytes = random.nextInt(phase[0], phase[1]);
        switch (random.nextInt(10)) {
          case 0, 1 -> free();
          case 2 -> freeStale();
          case 3 -> allocSurely(bytes);
          default -> allocOrFree(bytes);
        }
        if (step % 32 == 0) {
          check();
        }
      }
      assertTrue(refused > 0, () -> at() + ": the pool was never full");
      while (!held.isEmpty()) {
        free();
      }
      check();
      // all bytes are free: they are one chunk again
      assertNotEquals(ChunkRef.NONE, pool.tryAlloc(pool.maxChunkBytes()), this::at);
    }

    private void check() {
      pool.checkInvariants();
      assertEquals(usedBytes, pool.usedBytes(), this::at);
      assertTrue(pool.freePageBytes() + usedBytes <= pool.capacityBytes(), this::at);
    }

    private void allocOrFree(int bytes) {
      long ref = pool.tryAlloc(bytes);
      if (ref != ChunkRef.NONE) {
        add(new Held(ref, random.nextLong()), bytes);
      } else {
        refused++;
        free();
      }
    }

    private void allocSurely(int bytes) {
      long ref = pool.tryAlloc(bytes);
      if (ref == ChunkRef.NONE) {
        assertTrue(pool.makeRoom(bytes, this), () -> at() + ": no room was made for " + bytes);
        ref = pool.tryAlloc(bytes);
        assertNotEquals(ChunkRef.NONE, ref, () -> at() + ": no room after all for " + bytes);
      }
      add(new Held(ref, random.nextLong()), bytes);
    }

    private void add(Held one, int bytes) {
      int length = pool.chunkBytes(one.ref);
      assertEquals(ChunkSizes.chunkBytes(bytes), length, this::at);
      claim(one);
      MemorySegment chunk = pool.slice(one.ref, 0, length);
      chunk.set(JAVA_LONG, 0, one.stamp);
      chunk.set(JAVA_LONG, length - 8L, ~one.stamp);
      pool.setOwner(one.ref, one);
      held.add(one);
    }

    /** Marks the bytes as owned by this chunk, and checks that they had no owner. */
    private void claim(Held one) {
      long from = pool.offset(one.ref);
      int length = pool.chunkBytes(one.ref);
      assertTrue(from >= 0 && from + length <= pool.capacityBytes(), this::at);
      Map.Entry<Long, Held> before = byOffset.lowerEntry(from + length);
      if (before != null) {
        long end = before.getKey() + pool.chunkBytes(before.getValue().ref);
        assertTrue(end <= from, () -> at() + ": two chunks overlap at " + from);
      }
      byOffset.put(from, one);
      usedBytes += length;
    }

    private void give(Held one) {
      int length = pool.chunkBytes(one.ref);
      MemorySegment chunk = pool.slice(one.ref, 0, length);
      assertEquals(one.stamp, chunk.get(JAVA_LONG, 0), this::at);
      assertEquals(~one.stamp, chunk.get(JAVA_LONG, length - 8L), this::at);
      assertSame(one, pool.owner(one.ref), this::at);
      assertSame(one, byOffset.remove(pool.offset(one.ref)), this::at);
      usedBytes -= length;
      pool.free(one.ref);
      stale.add(one.ref);
    }

    private void free() {
      if (!held.isEmpty()) {
        Held last = held.removeLast();
        int victim = random.nextInt(held.size() + 1);
        give(victim == held.size() ? last : held.set(victim, last));
      }
    }

    private void freeStale() {
      if (!stale.isEmpty()) {
        long ref = stale.get(random.nextInt(stale.size()));
        assertThrows(IllegalStateException.class, () -> pool.free(ref), this::at);
      }
    }

    @Override
    public boolean relocate(long from, Object owner, long to) {
      Held one = (Held) owner;
      assertEquals(one.ref, from, this::at);
      if (random.nextInt(8) == 0) {
        return false;
      }
      int length = pool.chunkBytes(from);
      assertEquals(length, pool.chunkBytes(to), this::at);
      pool.slice(to, 0, length).copyFrom(pool.slice(from, 0, length));
      give(one);
      one.ref = to;
      claim(one);
      pool.setOwner(to, one);
      return true;
    }

    @Override
    public void drop(long from, Object owner) {
      Held one = (Held) owner;
      assertEquals(one.ref, from, this::at);
      assertTrue(held.remove(one), this::at);
      give(one);
    }
  }
}
