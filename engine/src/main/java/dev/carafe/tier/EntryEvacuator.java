package dev.carafe.tier;

import dev.carafe.region.Evacuator;

/** Relocates the entries of pages that the pool evacuates, or demotes them. */
final class EntryEvacuator implements Evacuator {
  private final SharedMemory memory;
  private final PressureListener listener;

  EntryEvacuator(SharedMemory memory, PressureListener listener) {
    this.memory = memory;
    this.listener = listener;
  }

  @Override
  public boolean relocate(long from, Object owner, long to) {
    Entry entry = (Entry) owner;
    EntryChunks chunks = memory.chunksOf(entry);
    return chunks != null && chunks.relocate(entry, from, to);
  }

  @Override
  public void drop(long from, Object owner) {
    Entry entry = (Entry) owner;
    if (entry.ref() == from) {
      listener.demote(entry);
    }
  }

  @Override
  public void freeRetired() {
    memory.hazardPointers().scan();
  }
}
