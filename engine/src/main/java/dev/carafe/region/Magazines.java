package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The magazine layer over chunks of one size: one {@link Magazine} a thread, in front of a depot
 * that all threads share. The terms are those of J. Bonwick and J. Adams, "Magazines and Vmem"
 * (USENIX 2001). Here a magazine holds hints, not chunks: the word of a slot ({@link SlotTable})
 * decides who gets it, so any thread can take a chunk that another thread's magazine names.
 *
 * <p>A subclass is the depot: {@link RegionMagazines} of one region, {@link SizeClass} of all
 * regions of a size. An item names a slot in the depot's own way.
 *
 * <p>A thread that looks for the last free chunk looks in the depot, then through all magazines,
 * and again if items went from a magazine to the depot meanwhile ({@link #transfers}). So it finds
 * any chunk that was free during the whole call.
 */
abstract class Magazines {
  private static final VarHandle MAGAZINE = MethodHandles.arrayElementVarHandle(Magazine[].class);
  private static final VarHandle TRANSFERS;
  private static final int OVERFLOW = Magazine.CAPACITY / 2;

  static {
    try {
      TRANSFERS = MethodHandles.lookup().findVarHandle(Magazines.class, "transfers", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Magazine[] magazines = new @Nullable Magazine[ThreadSlots.COUNT];

  /** How often items went from a magazine to the depot. */
  private volatile int transfers;

  /**
   * Takes the chunk that an item names, if it is free.
   *
   * @param magazine the one that holds the item
   * @return its handle, or {@link Region#NO_SLOT}
   */
  abstract long take(Magazine magazine, long item);

  /**
   * Takes a chunk from the depot.
   *
   * @param magazine the calling thread's, empty, which is filled as well; null if it has none
   * @return its handle, or {@link Region#NO_SLOT}
   */
  abstract long takeFromDepot(@Nullable Magazine magazine);

  /** Leaves a hint in the depot. */
  abstract void putIntoDepot(long item);

  /** Takes a chunk from this thread's magazine, else from the depot, or NO_SLOT. */
  final long tryAlloc() {
    Magazine magazine = current();
    long handle = magazine == null ? Region.NO_SLOT : takeFrom(magazine);
    return handle != Region.NO_SLOT ? handle : takeFromDepot(magazine);
  }

  /** Takes a chunk from this thread's magazine, the depot or another thread's, or NO_SLOT. */
  final long tryAllocAnywhere() {
    Magazine magazine = current();
    long handle = magazine == null ? Region.NO_SLOT : takeFrom(magazine);
    return handle != Region.NO_SLOT ? handle : takeFromOthers(magazine);
  }

  private long takeFromOthers(@Nullable Magazine mine) {
    for (; ; ) {
      int before = transfers;
      long handle = takeFromDepot(mine);
      if (handle != Region.NO_SLOT) {
        return handle;
      }
      for (int threadSlot = 0; threadSlot < ThreadSlots.COUNT; threadSlot++) {
        Magazine magazine = (Magazine) MAGAZINE.getAcquire(magazines, threadSlot);
        int count = magazine == null ? 0 : magazine.count();
        for (int i = 0; magazine != null && i < count; i++) {
          handle = take(magazine, magazine.item(i));
          if (handle != Region.NO_SLOT) {
            return handle;
          }
        }
      }
      if (before == transfers) {
        return Region.NO_SLOT;
      }
    }
  }

  /** Takes the newest chunk of this thread's magazine that is still free, or NO_SLOT. */
  final long takeFrom(Magazine magazine) {
    for (long item = magazine.pop(); item != Magazine.EMPTY; item = magazine.pop()) {
      long handle = take(magazine, item);
      if (handle != Region.NO_SLOT) {
        return handle;
      }
    }
    return Region.NO_SLOT;
  }

  /** Fills this thread's empty magazine from a region, and takes a chunk, or NO_SLOT. */
  final long refill(Magazine magazine, SlotTable slots, long itemOfSlotZero) {
    while (slots.moveHintsTo(magazine, itemOfSlotZero)) {
      long handle = takeFrom(magazine);
      if (handle != Region.NO_SLOT) {
        return handle;
      }
    }
    return Region.NO_SLOT;
  }

  /** Leaves a hint to a chunk that was just given back. */
  final void put(long item) {
    Magazine magazine = current();
    if (magazine == null) {
      putIntoDepot(item);
    } else if (!magazine.push(item)) {
      overflow(magazine);
      magazine.push(item);
    }
  }

  private void overflow(Magazine magazine) {
    for (int i = 0; i < OVERFLOW; i++) {
      putIntoDepot(magazine.item(i));
    }
    TRANSFERS.getAndAdd(this, 1);
    magazine.dropOldest(OVERFLOW);
  }

  /** Under the depot's lock: no magazine is filled from a region any more. */
  final void forgetSource(PooledRegion region) {
    for (int threadSlot = 0; threadSlot < ThreadSlots.COUNT; threadSlot++) {
      Magazine magazine = (Magazine) MAGAZINE.getAcquire(magazines, threadSlot);
      if (magazine != null && magazine.source == region) {
        magazine.source = null;
      }
    }
  }

  /** This thread's, or null if it has no seat, or the heap has no room for a first magazine. */
  final @Nullable Magazine current() {
    int threadSlot = ThreadSlots.current();
    if (threadSlot < 0) {
      return null;
    }
    Magazine magazine = magazines[threadSlot];
    return magazine != null ? magazine : add(threadSlot);
  }

  private @Nullable Magazine add(int threadSlot) {
    Magazine magazine;
    try {
      magazine = new Magazine();
    } catch (OutOfMemoryError e) {
      return null; // the caller may be giving back a chunk, which must not fail
    }
    magazine.cursor(threadSlot);
    MAGAZINE.setRelease(magazines, threadSlot, magazine);
    return magazine;
  }

  /**
   * The slots of a region that magazines name, while no thread is inside a call.
   *
   * @param itemOfSlotZero the item of the region's first slot
   * @param slots how many slots the region has
   */
  final BitSet hintedSlots(long itemOfSlotZero, int slots) {
    BitSet named = new BitSet();
    for (Magazine magazine : magazines) {
      for (int i = 0; magazine != null && i < magazine.count(); i++) {
        long slot = magazine.item(i) - itemOfSlotZero;
        if (slot >= 0 && slot < slots) {
          named.set((int) slot);
        }
      }
    }
    return named;
  }
}
