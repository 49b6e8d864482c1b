package dev.carafe.tier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.base.Soak;
import dev.carafe.region.ChunkPool;
import dev.carafe.tier.AccessSample.Estimate;
import dev.carafe.tier.AccessSample.Estimates;
import dev.carafe.tier.AccessSample.Sizes;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The events of several threads reach the distances once, or count as lost. */
class AccessSampleTest {
  private static final long NEVER = Long.MAX_VALUE;
  private static final Sizes SIZES = new Sizes(100_000, 400_000, 4_400_000);

  private final AtomicLong now = new AtomicLong();
  private final AccessSample sample =
      new AccessSample(SIZES, new ChunkPool(Arena.global().allocate(1 << 16, 4096)), now::get);

  private static double ratio(Estimates estimates, long bytes) {
    double ratio = 0;
    for (Estimate estimate : estimates.byCapacity()) {
      ratio = estimate.bytes() <= bytes ? estimate.hitRatio() : ratio;
    }
    return ratio;
  }

  @Test
  void oneThreadLosesNothing() {
    for (int round = 0; round < 100; round++) {
      for (int key = 0; key < 100; key++) {
        sample.recordMemoryHit(key, 800, NEVER);
      }
    }
    Estimates estimates = sample.estimates(10_000);
    assertEquals(10_000, estimates.reads());
    assertEquals(800, estimates.meanBytes());
    assertEquals(0, ratio(estimates, 70_000), "a loop of 80,000 bytes");
    assertEquals(0.99, ratio(estimates, 81_000));
    assertEquals(1, ratio(estimates, 110_000), "the first reads hit the memory of now");
  }

  @Test
  void eachKindOfAccessHasItsEffect() {
    sample.recordMiss(1);
    sample.recordWrite(1, 800, 2_000);
    sample.recordMiss(1); // a larger cache would have it
    sample.recordFileHit(2, 160, NEVER); // of before the restart
    Estimates estimates = sample.estimates(3);
    assertEquals(1 / 3.0, ratio(estimates, 4_000_000), 1e-9);
    assertEquals(1 / 3.0, estimates.heldBefore(), 1e-9);
    now.set(2_000);
    sample.recordMiss(1); // expired
    assertEquals(1 / 4.0, ratio(sample.estimates(4), 4_000_000), 1e-9);
    sample.recordWrite(3, 800, NEVER);
    sample.recordRemoval(3);
    sample.recordMiss(3);
    assertEquals(1 / 5.0, ratio(sample.estimates(5), 4_000_000), 1e-9);
    sample.recordWrite(4, 800, NEVER);
    sample.clear();
    sample.recordMiss(4);
    assertEquals(1 / 6.0, ratio(sample.estimates(6), 4_000_000), 1e-9);
  }

  @Test
  void allReadsOfSeveralThreadsAreCountedOrLost() {
    Soak.seeded(random -> {
      int threads = 4;
      int reads = Soak.times(50_000, 2_000_000);
      List<Thread> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        SplittableRandom mine = random.split();
        boolean virtual = i == 0;
        Runnable work = () -> readAtRandom(mine, reads);
        running.add(virtual ? Thread.startVirtualThread(work) : Thread.ofPlatform().start(work));
      }
      for (int i = 0; i < 20; i++) {
        var _ = sample.estimates((long) threads * reads);
      }
      for (Thread thread : running) {
        thread.join();
      }
      long all = (long) threads * reads;
      Estimates estimates = sample.estimates(all);
      assertTrue(estimates.reads() <= all, () -> estimates.reads() + " of " + all);
      assertTrue(estimates.reads() > 0, () -> "lost " + (all - estimates.reads()));
      double largest = ratio(estimates, 4_400_000);
      assertEquals(1, largest, 1e-3, "each key was found, and the reads that count are consistent");
    });
  }

  private void readAtRandom(SplittableRandom random, int reads) {
    for (int read = 0; read < reads; read++) {
      int hash = random.nextInt(100);
      if (sample.selects(hash)) {
        sample.recordMemoryHit(hash, 800, NEVER);
      }
    }
  }

  @Test
  void theHeapIsBounded() {
    SplittableRandom random = new SplittableRandom(4);
    Sizes sizes = new Sizes(1L << 40, 1L << 42, 1L << 44);
    AccessSample large =
        new AccessSample(sizes, new ChunkPool(Arena.global().allocate(1 << 16, 4096)), now::get);
    for (int access = 0; access < 2_000_000; access++) {
      int hash = random.nextInt();
      if (large.selects(hash)) {
        large.recordWrite(hash, 100_000, NEVER);
      }
    }
    long bytes = large.heapBytes();
    assertTrue(bytes > 100_000 && bytes < 2_500_000, () -> bytes + " bytes");
  }
}
