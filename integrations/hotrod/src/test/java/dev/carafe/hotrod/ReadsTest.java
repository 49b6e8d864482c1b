package dev.carafe.hotrod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.carafe.spi.KeyBytes;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The registrations of reads under way. */
class ReadsTest {
  private final Epoch epoch = Epoch.first();
  private long now;
  private final Reads reads = new Reads(() -> now);

  private static KeyBytes key(int number) {
    return new KeyBytes(ByteBuffer.allocate(4).putInt(number).array());
  }

  @Test
  void aReadThatFailedMakesRoomForTheNextOfItsKey() {
    Object failed = new Object();
    Object next = new Object();
    assertTrue(reads.begin(key(1), failed, epoch));
    now += Reads.OVERDUE_NANOS;
    assertFalse(reads.begin(key(1), next, epoch));
    now++;
    assertTrue(reads.begin(key(1), next, epoch));
    assertFalse(reads.end(key(1), failed, read -> {}));
    assertTrue(reads.end(key(1), next, read -> {}));
  }

  @Test
  void readsThatFailedDoNotFillTheMap() {
    for (int i = 0; i < Reads.MOST_READS; i++) {
      assertTrue(reads.begin(key(i), new Object(), epoch));
    }
    now += Reads.OVERDUE_NANOS;
    assertFalse(reads.begin(key(-1), new Object(), epoch), "there are too many");
    now += Reads.OVERDUE_NANOS;
    assertTrue(reads.begin(key(-1), new Object(), epoch));
    assertEquals(1, reads.keys().size());
  }

  @Test
  void anActionThatThrowsEndsItsRead() {
    Object placeholder = new Object();
    assertTrue(reads.begin(key(1), placeholder, epoch));
    assertThrows(
        IllegalStateException.class,
        () ->
            reads.end(
                key(1),
                placeholder,
                read -> {
                  throw new IllegalStateException();
                }));
    assertTrue(reads.begin(key(1), new Object(), epoch));
  }
}
