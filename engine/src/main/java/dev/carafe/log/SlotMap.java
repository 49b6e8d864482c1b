package dev.carafe.log;

import dev.carafe.log.format.RingHistory;
import org.jspecify.annotations.Nullable;

/** Which slot an extent lies in; does not change while the file is open. */
final class SlotMap {
  private final int slotCount;
  private final int @Nullable [] slots; // null where they are in the order of the ring

  SlotMap(RingHistory history) {
    this.slotCount = history.slots();
    this.slots = history.isRoundRobin() ? null : history.slotsBySequence();
  }

  int slotOf(long sequence) {
    int at = (int) (sequence % slotCount);
    int[] table = slots;
    return table == null ? at : table[at];
  }
}
