package dev.carafe.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A seat has one thread at a time, and what a dead thread kept on it is in reach. */
@Timeout(60)
final class SeatsTest {
  private static final int CROWD = 3 * Seats.COUNT;

  @Test
  void aThreadKeepsItsSeat() throws Exception {
    Race.run(
        2,
        me -> {
          int seat = Seats.mine();
          for (int i = 0; i < 1000; i++) {
            assertEquals(seat, Seats.mine());
          }
        });
  }

  @Test
  void noTwoLivingThreadsShareASeat() throws Exception {
    AtomicIntegerArray sitting = new AtomicIntegerArray(Seats.COUNT);
    CountDownLatch allSat = new CountDownLatch(CROWD);
    Race.run(
        CROWD,
        me -> {
          int seat = Seats.mine();
          if (seat != Seats.NONE) {
            assertEquals(1, sitting.incrementAndGet(seat), "seat " + seat);
          }
          allSat.countDown();
          allSat.await();
        });
  }

  @Test
  void aDeadThreadsSeatIsTakenAgain() throws Exception {
    int seated = 0;
    for (int i = 0; i < CROWD; i++) {
      int[] seat = {Seats.NONE};
      Thread thread = new Thread(() -> seat[0] = Seats.mine());
      thread.start();
      thread.join();
      seated += seat[0] == Seats.NONE ? 0 : 1;
    }
    assertTrue(seated > Seats.COUNT, "only " + seated + " of " + CROWD + " found a seat");
  }

  @Test
  void virtualThreadsStand() throws Exception {
    int[] seat = {0};
    Thread.ofVirtual().start(() -> seat[0] = Seats.mine()).join();
    assertEquals(Seats.NONE, seat[0]);
  }

  @Test
  void whatADeadThreadGaveBackCanBeTaken() throws Exception {
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
      assertNotEquals(Region.NO_SLOT, region.allocSlot(), "chunk " + i + " is out of reach");
    }
    assertEquals(Region.NO_SLOT, region.allocSlot());
  }
}
