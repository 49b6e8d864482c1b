package dev.carafe.log;

import dev.carafe.log.format.RingHistory;
import org.jspecify.annotations.Nullable;

/** Maps the sequence of an extent to its slot. It does not change while the file is open. */
final class SlotMap {
  private final int slotCount;
  private final int @Nullable [] slots; // null if slot = sequence mod slotCount

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
