package dev.carafe.tier;

import dev.carafe.region.Evacuator;

/** Relocates the entries of pages that the pool evacuates, or demotes them. */
final class EntryEvacuator implements Evacuator {
  private final SharedMemory memory;

  EntryEvacuator(SharedMemory memory) {
    this.memory = memory;
  }

  @Override
  public boolean relocate(long from, Object owner, long to) {
    return memory.relocate((Entry) owner, from, to);
  }

  @Override
  public void drop(long from, Object owner) {
    Entry entry = (Entry) owner;
    if (entry.ref() == from) {
      memory.demote(entry);
    }
  }

  @Override
  public void freeRetired() {
    memory.hazardPointers().scan();
  }
}
