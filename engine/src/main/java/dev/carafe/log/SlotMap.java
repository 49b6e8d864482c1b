package dev.carafe.log;

import dev.carafe.log.format.RingHistory;
import dev.carafe.log.format.RingSlots;

/** Maps the sequence of an extent to its slot. */
final class SlotMap {
  private final RingSlots slots;
  private final int slotCount;

  SlotMap(RingHistory history) {
    this.slots = history.slotMap();
    this.slotCount = history.slotCount();
  }

  int slotOf(long sequence) {
    return slots.slotOf(sequence);
  }

  /** The slots that the file has: more than the ring has while extents lie beyond its end. */
  int slotCount() {
    return slotCount;
  }
}
