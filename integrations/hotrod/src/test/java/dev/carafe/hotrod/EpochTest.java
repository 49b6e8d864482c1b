package dev.carafe.hotrod;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When it is known that the client's listener is registered again. */
class EpochTest {
  @Test
  void theFirstOneIsConfirmed() {
    assertTrue(Epoch.first().isConfirmed());
  }

  @Test
  void theSecondLookOfAThreadConfirms() {
    Epoch epoch = Epoch.next();
    assertFalse(epoch.isConfirmed());
    epoch.observe(); // this thread may have checked the listener before the epoch began
    assertFalse(epoch.isConfirmed());
    epoch.observe();
    assertTrue(epoch.isConfirmed());
  }

  @Test
  void theFirstLooksOfOldThreadsDoNotConfirm() throws Exception {
    Epoch[] epoch = new Epoch[1];
    Thread[] old = {
      Thread.ofVirtual().unstarted(() -> epoch[0].observe()),
      Thread.ofPlatform().unstarted(() -> epoch[0].observe())
    };
    epoch[0] = Epoch.next();
    for (Thread thread : old) {
      thread.start();
      thread.join();
      assertFalse(epoch[0].isConfirmed());
    }
  }

  /** Depends on the numbers of threads, which OpenJDK gives in the order of creation. */
  @Test
  void theFirstLookOfANewThreadConfirms() throws Exception {
    for (Thread.Builder builder : new Thread.Builder[] {Thread.ofVirtual(), Thread.ofPlatform()}) {
      Epoch epoch = Epoch.next();
      builder.start(epoch::observe).join();
      assertTrue(epoch.isConfirmed());
    }
  }
}
