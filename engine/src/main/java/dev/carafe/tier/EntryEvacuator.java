package dev.carafe.tier;

import dev.carafe.region.Evacuator;

/** Relocates the entries of pages that the pool evacuates, or demotes them. */
final class EntryEvacuator implements Evacuator {
  private final EntryChunks chunks;
  private final PressureListener listener;

  EntryEvacuator(EntryChunks chunks, PressureListener listener) {
    this.chunks = chunks;
    this.listener = listener;
  }

  @Override
  public boolean relocate(long from, Object owner, long to) {
    return chunks.relocate((Entry) owner, from, to);
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
    chunks.hazardPointers().scan();
  }
}
