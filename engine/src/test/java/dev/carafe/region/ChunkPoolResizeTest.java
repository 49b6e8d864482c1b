package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Limits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The capacity of a pool changes at random: no new chunk is beyond the end, no chunk is lost or
 * overwritten, and all pages within the capacity can be allocated afterwards (B1, B4, M1).
 */
@Timeout(120)
final class ChunkPoolResizeTest {
  private static final int MAX_PAGES = 600;
  private static final int STEPS = 8_000;
  private static final int THREADS = 4;
  private static final int OPERATIONS = 20_000;
  private static final int[] SIZES = {64, 100, 500, 3_000, 4_096, 20_000, 36_864, 70_000};

  private static MemorySegment arena(int pages) {
    return Arena.ofAuto().allocate((long) pages * Limits.PAGE_BYTES, Limits.PAGE_BYTES);
  }

  private static long bytes(int pages) {
    return (long) pages * Limits.PAGE_BYTES;
  }

  /** A chunk, which knows where it is. */
  private static final class Held {
    final long stamp;
    long ref;
    boolean pinned;

    Held(long ref, long stamp) {
      this.ref = ref;
      this.stamp = stamp;
    }
  }

  /** One thread against the list of its chunks. */
  private static final class Run implements Evacuator {
    private final long seed;
    private final SplittableRandom random;
    private final ChunkPool pool = new ChunkPool(arena(MAX_PAGES), bytes(MAX_PAGES / 4));
    private final List<Held> held = new ArrayList<>();
    private int step;
    private int relocated;
    private int dropped;

    Run(long seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
    }

    private String at() {
      return "seed " + seed + ", step " + step + ", capacity " + pool.capacityBytes();
    }

    void run() {
      for (step = 0; step < STEPS; step++) {
        switch (random.nextInt(20)) {
          case 0 -> resize();
          case 1, 2, 3 -> free();
          default -> alloc();
        }
        if (step % 16 == 0) {
          pool.checkInvariants();
        }
      }
      assertTrue(relocated > 0 && dropped > 0, () -> at() + ": nothing was evacuated");
      while (!held.isEmpty()) {
        free();
      }
      pool.resize(bytes(MAX_PAGES));
      assertEquals(0, pool.usedBytes(), this::at);
      assertNotEquals(ChunkRef.NONE, pool.tryAlloc(pool.maxChunkBytes()), this::at);
      pool.checkInvariants();
    }

    private void resize() {
      int pages = 1 + random.nextInt(random.nextBoolean() ? MAX_PAGES : 40);
      held.forEach(one -> one.pinned = random.nextInt(50) == 0);
      pool.resize(bytes(pages));
      assertEquals(bytes(pages), pool.capacityBytes());
      if (random.nextInt(4) > 0) {
        boolean all = pool.evacuateBeyondEnd(this);
        boolean beyond = held.stream().anyMatch(this::isBeyondEnd);
        assertTrue(!all || !beyond, () -> at() + ": a chunk is beyond the end");
        boolean pinned = held.stream().anyMatch(one -> one.pinned);
        assertTrue(all || pinned, () -> at() + ": an unused region is beyond the end");
      }
      checkGaps();
    }

    private boolean isBeyondEnd(Held one) {
      return pool.offset(one.ref) + pool.chunkBytes(one.ref) > pool.capacityBytes();
    }

    private void checkGaps() {
      BitSet gap = new BitSet();
      pool.forEachGapBeyondEnd(
          bytes(MAX_PAGES),
          (from, length) -> {
            assertTrue(from >= pool.capacityBytes() && length > 0, this::at);
            gap.set((int) (from / Limits.PAGE_BYTES), (int) ((from + length) / Limits.PAGE_BYTES));
          });
      for (Held one : held) {
        long last = pool.offset(one.ref) + pool.chunkBytes(one.ref) - 1;
        int first = (int) (pool.offset(one.ref) / Limits.PAGE_BYTES);
        int taken = gap.nextSetBit(first);
        assertFalse(
            taken >= 0 && taken <= last / Limits.PAGE_BYTES, () -> at() + ": a gap has a chunk");
      }
    }

    private void alloc() {
      int wanted = SIZES[random.nextInt(SIZES.length)];
      long ref = pool.tryAlloc(wanted);
      if (ref == ChunkRef.NONE && random.nextInt(4) == 0) {
        pool.makeRoom(wanted, this);
        ref = pool.tryAlloc(wanted);
      }
      if (ref == ChunkRef.NONE) {
        free();
        return;
      }
      Held one = new Held(ref, random.nextLong());
      stamp(one);
      held.add(one);
    }

    private void stamp(Held one) {
      int length = pool.chunkBytes(one.ref);
      assertFalse(isBeyondEnd(one), () -> at() + ": a new chunk is beyond the end");
      pool.slice(one.ref, 0, 8).set(JAVA_LONG, 0, one.stamp);
      pool.slice(one.ref, length - 8, 8).set(JAVA_LONG, 0, ~one.stamp);
      pool.setOwner(one.ref, one);
    }

    private void check(Held one) {
      int length = pool.chunkBytes(one.ref);
      assertEquals(one.stamp, pool.slice(one.ref, 0, 8).get(JAVA_LONG, 0), this::at);
      assertEquals(~one.stamp, pool.slice(one.ref, length - 8, 8).get(JAVA_LONG, 0), this::at);
      assertSame(one, pool.owner(one.ref), this::at);
    }

    private void free() {
      if (!held.isEmpty()) {
        Held last = held.removeLast();
        int victim = random.nextInt(held.size() + 1);
        Held one = victim == held.size() ? last : held.set(victim, last);
        check(one);
        pool.free(one.ref);
      }
    }

    @Override
    public boolean relocate(long from, Object owner, long to) {
      Held one = (Held) owner;
      if (one.pinned) {
        return false;
      }
      check(one);
      pool.free(from);
      one.ref = to;
      stamp(one);
      relocated++;
      return true;
    }

    @Override
    public void drop(long from, Object owner) {
      Held one = (Held) owner;
      if (!one.pinned) {
        check(one);
        assertTrue(held.remove(one), this::at);
        pool.free(from);
        dropped++;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void noChunkIsLost(long seed) {
    new Run(seed).run();
  }

  /** Threads allocate and free while another one resizes; their chunks can't be evacuated. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void threadsKeepTheirChunks(long seed) throws Exception {
    ChunkPool pool = new ChunkPool(arena(MAX_PAGES), bytes(MAX_PAGES / 2));
    AtomicInteger running = new AtomicInteger(THREADS - 1);
    Evacuator immovable =
        new Evacuator() {
          @Override
          public boolean relocate(long from, Object owner, long to) {
            return false;
          }

          @Override
          public void drop(long from, Object owner) {}
        };
    Race.run(
        THREADS,
        me -> {
          SplittableRandom random = new SplittableRandom(seed * 100 + me);
          if (me == 0) {
            while (running.get() > 0) {
              pool.resize(bytes(1 + random.nextInt(MAX_PAGES)));
              pool.evacuateBeyondEnd(immovable);
              pool.forEachGapBeyondEnd(
                  bytes(MAX_PAGES),
                  (from, length) -> pool.memory().asSlice(from, length).fill((byte) -1));
            }
          } else {
            try {
              churn(pool, me, random, seed);
            } finally {
              running.decrementAndGet();
            }
          }
        });
    assertEquals(0, pool.usedBytes());
    pool.resize(bytes(MAX_PAGES));
    pool.checkInvariants();
    assertNotEquals(ChunkRef.NONE, pool.tryAlloc(pool.maxChunkBytes()), "pages are lost");
  }

  private static void churn(ChunkPool pool, long me, SplittableRandom random, long seed) {
    List<Long> mine = new ArrayList<>();
    for (int i = 0; i < OPERATIONS; i++) {
      long ref = pool.tryAlloc(SIZES[random.nextInt(SIZES.length)]);
      if (ref != ChunkRef.NONE) {
        pool.setOwner(ref, me);
        pool.slice(ref, 0, 8).set(JAVA_LONG, 0, me);
        pool.slice(ref, pool.chunkBytes(ref) - 8, 8).set(JAVA_LONG, 0, me);
        mine.add(ref);
      }
      while (mine.size() > (i == OPERATIONS - 1 ? 0 : random.nextInt(100))) {
        long last = mine.removeLast();
        assertEquals(me, pool.slice(last, 0, 8).get(JAVA_LONG, 0), () -> "seed " + seed);
        assertEquals(
            me,
            pool.slice(last, pool.chunkBytes(last) - 8, 8).get(JAVA_LONG, 0),
            () -> "seed " + seed);
        pool.free(last);
      }
    }
  }

  @Test
  void aCapacityOutsideOfTheMemoryIsRefused() { // F4
    ChunkPool pool = new ChunkPool(arena(8), bytes(4));
    for (long wrong : new long[] {0, -4096, 4095, 5000, bytes(9), Long.MAX_VALUE}) {
      var refused = assertThrows(IllegalArgumentException.class, () -> pool.resize(wrong));
      assertTrue(
          String.valueOf(refused.getMessage()).contains(wrong + " bytes"), refused::toString);
    }
    assertEquals(bytes(4), pool.capacityBytes());
  }
}
