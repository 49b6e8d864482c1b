package dev.carafe.region;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many threads allocate and free chunks of one region: no chunk has two owners, none is lost, and
 * of two frees of one chunk exactly one succeeds (M3, Region 1 to 3).
 */
@Timeout(120)
final class RegionStressTest {
  private static final int THREADS = 4;
  private static final int BLOCK = 16;
  private static final int OPERATIONS = 60_000;
  private static final int DOUBLE_FREES = 2_000;

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 64, 130, 1024})
  void platformThreads(int slots) throws Exception {
    churn(Thread.ofPlatform().factory(), slots);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 130})
  void virtualThreads(int slots) throws Exception {
    churn(Thread.ofVirtual().factory(), slots);
  }

  private static void churn(ThreadFactory factory, int slots) throws Exception {
    Region region = Region.init(BLOCK, Arena.ofAuto().allocate((long) BLOCK * slots, 8), slots);
    AtomicIntegerArray owners = new AtomicIntegerArray(slots);
    int share = Math.max(1, slots / 2); // together they request more chunks than exist
    Race.run(
        factory,
        THREADS,
        me -> {
          SplittableRandom random = new SplittableRandom(slots * 31L + me);
          ArrayDeque<Chunk> mine = new ArrayDeque<>();
          for (int i = 0; i < OPERATIONS; i++) {
            if (mine.size() < share && random.nextInt(100) < 55) {
              Chunk chunk = region.tryAlloc();
              if (chunk != null) {
                take(owners, chunk, me + 1);
                mine.add(chunk);
              }
            } else if (!mine.isEmpty()) {
              giveBack(
                  region, owners, random.nextBoolean() ? mine.poll() : mine.pollLast(), me + 1);
            }
          }
          mine.forEach(chunk -> giveBack(region, owners, chunk, me + 1));
        });
    region.checkInvariants();
    assertEquals(slots, region.avail());
    for (int slot = 0; slot < slots; slot++) {
      assertEquals(Region.NO_SLOT != region.allocSlot(), true, "a chunk was lost");
    }
  }

  private static void take(AtomicIntegerArray owners, Chunk chunk, int owner) {
    int slot = (int) (chunk.toOffset() / BLOCK);
    assertEquals(0, owners.getAndSet(slot, owner), () -> chunk + " was handed out twice");
    chunk.toSegment().set(JAVA_LONG, 0, owner);
    chunk.toSegment().set(JAVA_LONG, 8, ~(long) owner);
  }

  private static void giveBack(Region region, AtomicIntegerArray owners, Chunk chunk, int owner) {
    int slot = (int) (chunk.toOffset() / BLOCK);
    assertEquals(owner, chunk.toSegment().get(JAVA_LONG, 0), () -> chunk + " was overwritten");
    assertEquals(~(long) owner, chunk.toSegment().get(JAVA_LONG, 8));
    assertEquals(owner, owners.getAndSet(slot, 0), () -> chunk + " changed its owner");
    region.free(chunk);
  }

  @Test
  void ofTwoFreesOneSucceeds() throws Exception {
    Region region = Region.init(BLOCK, Arena.ofAuto().allocate(BLOCK * 3L), 3);
    AtomicReference<Chunk> victim = new AtomicReference<>(region.alloc());
    AtomicInteger frees = new AtomicInteger();
    CyclicBarrier round =
        new CyclicBarrier(
            2,
            () -> {
              assertEquals(1, frees.getAndSet(0), "frees that succeeded");
              assertEquals(3, region.avail());
              victim.set(region.alloc());
            });
    Race.run(
        2,
        me -> {
          for (int i = 0; i < DOUBLE_FREES; i++) {
            if (freed(region, victim.get())) {
              frees.incrementAndGet();
            }
            round.await();
          }
        });
  }

  private static boolean freed(Region region, Chunk chunk) {
    try {
      region.free(chunk);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }
}
