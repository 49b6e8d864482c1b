package dev.carafe.region;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The magazine layer for chunks of one size: one {@link Magazine} for each thread, in front of a
 * depot that all threads share. The terms are those of J. Bonwick and J. Adams, "Magazines and
 * Vmem" (USENIX 2001). Unlike there, a magazine holds hints and no chunks: a thread takes a chunk
 * by a compare-and-set of its slot's word ({@link SlotTable}), so any thread can take a chunk that
 * another thread's magazine names.
 *
 * <p>Subclasses implement the depot: {@link RegionMagazines} with one region, {@link SizeClass}
 * with all regions of a size. Each defines how an item encodes a slot.
 *
 * <p>A search for the last free chunk covers the depot, then all magazines. It is repeated if a
 * magazine transferred items to the depot meanwhile ({@link #transfers}). It therefore finds any
 * chunk that was free during the whole call.
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

  /** The magazines of several size classes: a row for each thread slot. */
  private final @Nullable Magazine[] magazines;

  private final int column;
  private final int columns;

  /** Number of times that a magazine transferred items to the depot. */
  private volatile int transfers;

  /** One size class, with a table of its own. */
  Magazines() {
    this(newTable(1), 0, 1);
  }

  /**
   * A size class whose magazines are one column of a table that several share.
   *
   * @param table from {@link #newTable}
   */
  Magazines(@Nullable Magazine[] table, int column, int columns) {
    this.magazines = table;
    this.column = column;
    this.columns = columns;
  }

  /** Creates a table without magazines for some size classes. */
  static @Nullable Magazine[] newTable(int columns) {
    return new @Nullable Magazine[ThreadSlots.COUNT * columns];
  }

  private int index(int threadSlot) {
    return threadSlot * columns + column;
  }

  /**
   * Takes the chunk that an item names, if it is free.
   *
   * @param magazine the magazine that holds the item
   * @return its handle, or {@link Region#NO_SLOT}
   */
  abstract long take(Magazine magazine, long item);

  /**
   * Takes a chunk from the depot.
   *
   * @param magazine the calling thread's empty magazine, which is refilled; null if the thread has
   *     none
   * @return its handle, or {@link Region#NO_SLOT}
   */
  abstract long takeFromDepot(@Nullable Magazine magazine);

  /** Adds a hint to the depot. */
  abstract void putIntoDepot(long item);

  /** Takes a chunk from this thread's magazine or the depot; NO_SLOT if neither has one. */
  final long tryAlloc() {
    Magazine magazine = current();
    long handle = magazine == null ? Region.NO_SLOT : takeFrom(magazine);
    return handle != Region.NO_SLOT ? handle : takeFromDepot(magazine);
  }

  /**
   * Takes a chunk from this thread's magazine, the depot or another magazine; NO_SLOT if there is
   * none.
   */
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
        Magazine magazine = (Magazine) MAGAZINE.getAcquire(magazines, index(threadSlot));
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

  /**
   * Takes the newest chunk of this thread's magazine that is still free; NO_SLOT if there is none.
   */
  final long takeFrom(Magazine magazine) {
    for (long item = magazine.pop(); item != Magazine.EMPTY; item = magazine.pop()) {
      long handle = take(magazine, item);
      if (handle != Region.NO_SLOT) {
        return handle;
      }
    }
    return Region.NO_SLOT;
  }

  /**
   * Refills this thread's empty magazine from a region and takes a chunk; NO_SLOT if there is none.
   */
  final long refill(Magazine magazine, SlotTable slots, long itemOfSlotZero) {
    while (slots.moveHintsTo(magazine, itemOfSlotZero)) {
      long handle = takeFrom(magazine);
      if (handle != Region.NO_SLOT) {
        return handle;
      }
    }
    return Region.NO_SLOT;
  }

  /** Adds a hint to a chunk that was just freed. */
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

  /**
   * Clears the source of each magazine that is refilled from a region. Called under the depot's
   * lock.
   */
  final void clearSource(PooledRegion region) {
    for (int threadSlot = 0; threadSlot < ThreadSlots.COUNT; threadSlot++) {
      Magazine magazine = (Magazine) MAGAZINE.getAcquire(magazines, index(threadSlot));
      if (magazine != null && magazine.source == region) {
        magazine.source = null;
      }
    }
  }

  /**
   * This thread's magazine. Null if the thread has no thread slot, or the heap has no room for its
   * first magazine.
   */
  final @Nullable Magazine current() {
    int threadSlot = ThreadSlots.current();
    if (threadSlot < 0) {
      return null;
    }
    Magazine magazine = magazines[index(threadSlot)];
    return magazine != null ? magazine : add(threadSlot);
  }

  private @Nullable Magazine add(int threadSlot) {
    Magazine magazine;
    try {
      magazine = new Magazine();
    } catch (OutOfMemoryError e) {
      return null; // the caller may be freeing a chunk, which must not fail
    }
    magazine.cursor(threadSlot);
    MAGAZINE.setRelease(magazines, index(threadSlot), magazine);
    return magazine;
  }

  /**
   * The slots of a region that magazines have hints to. Called while no other call is in progress.
   *
   * @param itemOfSlotZero the item of the region's first slot
   * @param slots number of slots of the region
   */
  final BitSet hintedSlots(long itemOfSlotZero, int slots) {
    BitSet hinted = new BitSet();
    for (int threadSlot = 0; threadSlot < ThreadSlots.COUNT; threadSlot++) {
      Magazine magazine = magazines[index(threadSlot)];
      for (int i = 0; magazine != null && i < magazine.count(); i++) {
        long slot = magazine.item(i) - itemOfSlotZero;
        if (slot >= 0 && slot < slots) {
          hinted.set((int) slot);
        }
      }
    }
    return hinted;
  }
}
