package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.carafe.base.Limits;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Threads allocate and free chunks of changing sizes while regions are freed and evacuated: no
 * chunk has two owners, and afterwards every free chunk and page can be allocated (B4, M3).
 */
@Timeout(120)
final class ChunkPoolStressTest {
  private static final int THREADS = 4;
  private static final int OPERATIONS = 30_000;
  private static final int KEPT = 20;
  private static final int TURNS = 4_000;
  private static final int[] SIZES = {64, 100, 500, 3_000, 4_096, 20_000, 36_864, 70_000};

  private final ChunkPool pool =
      new ChunkPool(Arena.ofAuto().allocate(64L * Limits.PAGE_BYTES, Limits.PAGE_BYTES));

  /** Refuses to relocate or drop, so each evacuated region must serve allocations again. */
  private static final class Immovable implements Evacuator {
    @Override
    public boolean relocate(long from, Object owner, long to) {
      return false;
    }

    @Override
    public void drop(long from, Object owner) {}
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingIsSharedOrLost(long seed) throws Exception {
    List<List<Long>> kept = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      kept.add(new ArrayList<>());
    }
    Race.run(THREADS, me -> churn(me, new SplittableRandom(seed * 100 + me), kept.get(me)));
    pool.checkInvariants();
    List<Long> rest = new ArrayList<>();
    for (int bytes : SIZES) {
      for (long ref = pool.tryAlloc(bytes); ref != ChunkRef.NONE; ref = pool.tryAlloc(bytes)) {
        rest.add(ref);
      }
      assertEquals(
          0, freeChunks(bytes), () -> "chunks of " + bytes + " out of reach, seed " + seed);
    }
    kept.forEach(refs -> refs.forEach(pool::free));
    rest.forEach(pool::free);
    pool.checkInvariants();
    assertEquals(0, pool.usedBytes());
    assertNotEquals(ChunkRef.NONE, pool.tryAlloc(pool.maxChunkBytes()), "some pages are not free");
  }

  /**
   * Regression: a thread found no chunk, and no page since another thread was creating a region of
   * the last one. It returned NONE, so its caller evicted, instead of using the new region.
   */
  @Test
  void aRegionUnderCreationIsFound() throws Exception {
    ChunkPool one = new ChunkPool(Arena.ofAuto().allocate(Limits.PAGE_BYTES, Limits.PAGE_BYTES));
    CyclicBarrier turn =
        new CyclicBarrier(
            THREADS,
            () -> { // the page goes from small chunks to a large one
              long all = one.tryAlloc(Limits.PAGE_BYTES);
              assertNotEquals(ChunkRef.NONE, all);
              one.free(all);
            });
    CyclicBarrier taken = new CyclicBarrier(THREADS);
    LongAdder misses = new LongAdder(); // an exception would leave the others at the barrier
    Race.run(
        THREADS,
        me -> {
          for (int i = 0; i < TURNS; i++) {
            turn.await();
            long ref = one.tryAlloc(64);
            taken.await(); // else another thread would find the chunk that this one frees
            if (ref == ChunkRef.NONE) {
              misses.increment();
            } else {
              one.free(ref);
            }
          }
        });
    assertEquals(0, misses.sum(), "chunks not found");
    one.checkInvariants();
  }

  private void churn(int me, SplittableRandom random, List<Long> mine) {
    Immovable immovable = new Immovable();
    for (int i = 0; i < OPERATIONS; i++) {
      int bytes = SIZES[random.nextInt(random.nextInt(SIZES.length) + 1)];
      long ref = mine.size() < 200 ? pool.tryAlloc(bytes) : ChunkRef.NONE;
      if (ref != ChunkRef.NONE) {
        stamp(ref, me + 1);
        mine.add(ref);
      } else if (random.nextInt(50) == 0) {
        pool.makeRoom(bytes, immovable);
      }
      while (mine.size() > (ref == ChunkRef.NONE ? random.nextInt(200) : 200)) {
        free(mine, random.nextInt(mine.size()), me + 1);
      }
    }
    while (mine.size() > KEPT) {
      free(mine, random.nextInt(mine.size()), me + 1);
    }
  }

  private void stamp(long ref, long owner) {
    int length = pool.chunkBytes(ref);
    assertEquals(null, pool.owner(ref), "a new chunk has an owner");
    pool.setOwner(ref, owner);
    pool.slice(ref, 0, 8).set(JAVA_LONG, 0, owner);
    pool.slice(ref, length - 8, 8).set(JAVA_LONG, 0, ~owner);
  }

  private void free(List<Long> mine, int index, long owner) {
    long ref = mine.set(index, mine.getLast());
    mine.removeLast();
    int length = pool.chunkBytes(ref);
    assertEquals(owner, pool.slice(ref, 0, 8).get(JAVA_LONG, 0), "overwritten");
    assertEquals(~owner, pool.slice(ref, length - 8, 8).get(JAVA_LONG, 0), "overwritten");
    assertEquals(owner, pool.owner(ref));
    pool.free(ref);
  }

  private int freeChunks(int bytes) {
    int free = 0;
    if (ChunkSizes.isShared(bytes)) {
      for (int page = 0; page < pool.allocator().pages(); page++) {
        PooledRegion region = pool.allocator().regionOfPage(page);
        boolean begins = region != null && region.layout.firstPage() == page;
        if (region != null && begins && region.sizeIndex == ChunkSizes.sizeIndex(bytes)) {
          free += region.avail();
        }
      }
    }
    return free;
  }
}
