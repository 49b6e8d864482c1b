package dev.carafe.region;

import org.jspecify.annotations.Nullable;

/** The magazines of a region outside a pool. An item is the slot's number. */
final class RegionMagazines extends Magazines {
  private final SlotTable slots;

  RegionMagazines(SlotTable slots) {
    this.slots = slots;
  }

  @Override
  long take(Magazine magazine, long item) {
    int generation = slots.tryTake((int) item);
    return generation == SlotTable.NONE ? Region.NO_SLOT : Region.handle(generation, (int) item);
  }

  @Override
  long takeFromDepot(@Nullable Magazine magazine) {
    if (magazine != null) {
      return refill(magazine, slots, 0);
    }
    int slot = slots.takeHinted();
    return slot == SlotTable.NONE ? Region.NO_SLOT : Region.handle(slots.generation(slot), slot);
  }

  @Override
  void putIntoDepot(long item) {
    slots.addHint((int) item);
  }
}
