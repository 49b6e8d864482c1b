package dev.carafe.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A slot belongs to one live thread. Chunks that a dead thread freed can be allocated. */
@Timeout(60)
final class ThreadSlotsTest {
  private static final int THREADS = 3 * ThreadSlots.COUNT;

  @Test
  void aThreadKeepsItsSlot() throws Exception {
    Race.run(
        2,
        me -> {
          int threadSlot = ThreadSlots.current();
          for (int i = 0; i < 1000; i++) {
            assertEquals(threadSlot, ThreadSlots.current());
          }
        });
  }

  @Test
  void twoLivingThreadsShareNoSlot() throws Exception {
    AtomicIntegerArray owners = new AtomicIntegerArray(ThreadSlots.COUNT);
    CountDownLatch allClaimed = new CountDownLatch(THREADS);
    Race.run(
        THREADS,
        me -> {
          int threadSlot = ThreadSlots.current();
          if (threadSlot != ThreadSlots.NONE) {
            assertEquals(1, owners.incrementAndGet(threadSlot), "slot " + threadSlot);
          }
          allClaimed.countDown();
          allClaimed.await();
        });
  }

  @Test
  void aDeadThreadsSlotIsClaimedAgain() throws Exception {
    int claimed = 0;
    for (int i = 0; i < THREADS; i++) {
      int[] threadSlot = {ThreadSlots.NONE};
      Thread thread = new Thread(() -> threadSlot[0] = ThreadSlots.current());
      thread.start();
      thread.join();
      claimed += threadSlot[0] == ThreadSlots.NONE ? 0 : 1;
    }
    assertTrue(
        claimed > ThreadSlots.COUNT, "only " + claimed + " of " + THREADS + " claimed a slot");
  }

  @Test
  void virtualThreadsHaveNoSlot() throws Exception {
    int[] threadSlot = {0};
    Thread.ofVirtual().start(() -> threadSlot[0] = ThreadSlots.current()).join();
    assertEquals(ThreadSlots.NONE, threadSlot[0]);
  }

  @Test
  void aChunkFreedByADeadThreadCanBeTaken() throws Exception {
    Region region = Region.init(16, Arena.ofAuto().allocate(16 * 100L), 100);
    Thread thread =
        new Thread(() -> {
          long[] handles = new long[100];
          for (int i = 0; i < 100; i++) {
            handles[i] = region.allocSlot();
          }
          for (long handle : handles) {
            region.freeSlot(handle);
          }
        });
    thread.start();
    thread.join();
    region.checkInvariants();
    for (int i = 0; i < 100; i++) {
      assertNotEquals(Region.NO_SLOT, region.allocSlot(), "chunk " + i + " can't be allocated");
    }
    assertEquals(Region.NO_SLOT, region.allocSlot());
  }
}
