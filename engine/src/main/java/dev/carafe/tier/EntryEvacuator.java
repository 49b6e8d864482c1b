package dev.carafe.tier;

import dev.carafe.base.Counter;
import dev.carafe.region.ChunkPool;
import dev.carafe.region.Evacuator;

/** Moves entries out of a region that the pool vacates, or has them leave memory. */
final class EntryEvacuator implements Evacuator {
  private final MemoryTier memory;
  private final Counter count = new Counter();

  EntryEvacuator(MemoryTier memory) {
    this.memory = memory;
  }

  long count() {
    return count.sum();
  }

  @Override
  public boolean relocate(long from, Object owner, long to) {
    Entry entry = (Entry) owner;
    if (!entry.beginRelocation()) {
      return false;
    }
    ChunkPool pool = memory.pool();
    boolean used = false;
    try {
      if (entry.ref() == from) {
        int bytes = memory.usedBytes(from);
        pool.slice(to, 0, bytes).copyFrom(pool.slice(from, 0, bytes));
        pool.setOwner(to, entry);
        memory.replaceInRecentReads(entry, from, to);
        entry.relocate(to);
        used = true;
        pool.setOwner(from, null);
        memory.hazardPointers().retire(from);
      }
    } finally {
      memory.retire(entry, entry.endRelocation()); // else readers would wait for it for ever
    }
    if (used) {
      count.increment();
    }
    return used;
  }

  @Override
  public void drop(long from, Object owner) {
    Entry entry = (Entry) owner;
    PressureListener listener = memory.pressureListener();
    if (listener != null && entry.ref() == from) {
      listener.demote(entry);
    }
  }

  @Override
  public void freeRetired() {
    memory.hazardPointers().scan();
  }
}
