package dev.carafe.region;

import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The regions of one chunk size.
 *
 * <p>Each thread takes first what it gave back itself: its {@link Magazine} tells which chunks, and
 * costs no lock. When that is empty it fills its magazine from a region of its own, and when that
 * has nothing either, another region is taken from those on offer; a region comes on offer when it
 * is new, or when hints come back to it after it was found without. When no region can be made
 * either, what is left is looked for in other threads' magazines, so that no free chunk is out of
 * reach.
 */
final class SizeClass {
  private static final int OVERFLOW = Magazine.CAPACITY / 2;

  private final RegionTable regions;
  private final int sizeIndex;
  private final Magazines magazines = new Magazines();

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable PooledRegion firstOffer; // guarded by lock, as the list that begins here
  private @Nullable PooledRegion lastOffer; // guarded by lock
  private int offers; // guarded by lock
  private volatile int offerCount; // written under lock

  /**
   * By seat: the region that a thread fills its magazine from; written by it, or under the lock.
   */
  private final @Nullable PooledRegion[] current = new @Nullable PooledRegion[Seats.COUNT];

  SizeClass(RegionTable regions, int sizeIndex) {
    this.regions = regions;
    this.sizeIndex = sizeIndex;
  }

  /** Takes a chunk that no other thread has in its magazine, or NONE. */
  long tryAlloc() {
    Magazine magazine = magazines.mine();
    long ref = magazine == null ? ChunkRef.NONE : fromMagazine(magazine);
    return ref != ChunkRef.NONE ? ref : fromRegions(magazine);
  }

  private long fromMagazine(Magazine magazine) {
    for (long item = magazine.pop(); item != Magazine.EMPTY; item = magazine.pop()) {
      long ref = take(item);
      if (ref != ChunkRef.NONE) {
        return ref;
      }
    }
    return ChunkRef.NONE;
  }

  /** A hint may be of a region that is no more: then it tells nothing, or another free chunk. */
  private long take(long item) {
    PooledRegion region = regions.find(item);
    return region == null || region.sizeIndex != sizeIndex
        ? ChunkRef.NONE
        : region.tryTake(ChunkRef.slot(item));
  }

  private long fromRegions(@Nullable Magazine magazine) {
    long ref = magazine == null ? ChunkRef.NONE : fromCurrent(magazine);
    return ref != ChunkRef.NONE ? ref : fromOffers(magazine);
  }

  /** Takes a chunk wherever there is one, or NONE; after {@link #tryAlloc} found none. */
  long tryAllocOfOthers() {
    Magazine magazine = magazines.mine();
    for (; ; ) {
      int transfers = magazines.transfers();
      long ref = fromRegions(magazine);
      if (ref != ChunkRef.NONE) {
        return ref;
      }
      long[] found = {ChunkRef.NONE};
      boolean taken =
          magazines.offerAll(item -> {
            found[0] = take(item);
            return found[0] != ChunkRef.NONE;
          });
      if (taken || transfers == magazines.transfers()) {
        return found[0];
      }
    }
  }

  private long fromCurrent(Magazine magazine) {
    PooledRegion mine = current[Seats.mine()];
    return mine == null ? ChunkRef.NONE : fill(magazine, mine);
  }

  /**
   * Takes a chunk of a new region, after {@link #tryAlloc} found none, and offers the others. Those
   * that fit this thread's magazine go there: were they another's, the two would write to the same
   * line.
   */
  long allocFirst(PooledRegion fresh) {
    long ref = takeFrom(fresh, magazines.mine());
    add(fresh);
    return ref;
  }

  /**
   * From a region that is this thread's to fill its magazine from, if it has one and finds some.
   */
  private long takeFrom(PooledRegion region, @Nullable Magazine magazine) {
    if (magazine == null) {
      return region.tryAlloc();
    }
    long ref = fill(magazine, region);
    if (ref != ChunkRef.NONE) {
      current[Seats.mine()] = region;
    }
    return ref;
  }

  private long fill(Magazine magazine, PooledRegion region) {
    while (!region.frozen && region.slots.moveTo(magazine, ChunkRef.of(0, region.id, 0))) {
      long ref = fromMagazine(magazine);
      if (ref != ChunkRef.NONE) {
        return ref;
      }
    }
    return ChunkRef.NONE;
  }

  private long fromOffers(@Nullable Magazine magazine) {
    if (offerCount == 0) {
      return ChunkRef.NONE;
    }
    lock.lock();
    try {
      for (PooledRegion next = firstOffer; next != null; next = firstOffer) {
        long ref = takeFrom(next, magazine);
        if (ref != ChunkRef.NONE) {
          return ref;
        }
        withdraw(next);
        VarHandle.fullFence(); // before looking for what was freed by someone who saw it offered
        if (!next.frozen && next.slots.hasOffers()) {
          offer(next); // freed in between: whoever freed may have seen it still on offer
        }
      }
      return ChunkRef.NONE;
    } finally {
      lock.unlock();
    }
  }

  private void offer(PooledRegion region) {
    if (!region.offered) {
      PooledRegion last = lastOffer;
      region.previousOffer = last;
      if (last == null) {
        firstOffer = region;
      } else {
        last.nextOffer = region;
      }
      lastOffer = region;
      offerCount = ++offers;
      region.offered = true;
    }
  }

  private void withdraw(PooledRegion region) {
    PooledRegion next = region.nextOffer;
    PooledRegion previous = region.previousOffer;
    if (next == null) {
      lastOffer = previous;
    } else {
      next.previousOffer = previous;
    }
    if (previous == null) {
      firstOffer = next;
    } else {
      previous.nextOffer = next;
    }
    region.nextOffer = null;
    region.previousOffer = null;
    offerCount = --offers;
    region.offered = false;
  }

  /** A new region, or one that was thawed. */
  void add(PooledRegion region) {
    lock.lock();
    try {
      offer(region);
    } finally {
      lock.unlock();
    }
  }

  /** A chunk was given back: its hint goes to this thread's magazine, or to its region. */
  void freed(PooledRegion region, int slot) {
    Magazine magazine = magazines.mine();
    if (magazine == null) {
      offer(region, slot);
    } else {
      long item = ChunkRef.of(0, region.id, slot);
      if (!magazine.push(item)) {
        overflow(magazine);
        magazine.push(item);
      }
    }
  }

  private void offer(PooledRegion region, int slot) {
    region.slots.offer(slot);
    if (!region.offered && !region.frozen) {
      add(region);
    }
  }

  private void overflow(Magazine magazine) {
    for (int i = 0; i < OVERFLOW; i++) {
      long item = magazine.item(i);
      PooledRegion region = regions.find(item);
      int slot = ChunkRef.slot(item);
      if (region != null && region.sizeIndex == sizeIndex && slot < region.slots.slots()) {
        offer(region, slot);
      }
    }
    magazines.transferred();
    magazine.dropOldest(OVERFLOW);
  }

  /** A region that is no more. */
  void remove(PooledRegion region) {
    lock.lock();
    try {
      if (region.offered) {
        withdraw(region);
      }
      for (int seat = 0; seat < current.length; seat++) {
        if (current[seat] == region) {
          current[seat] = null;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** The slots of a region that some thread has a hint of; while nobody is inside a call. */
  BitSet inMagazines(PooledRegion region) {
    BitSet slots = new BitSet();
    magazines.offerAll(item -> {
      if (ChunkRef.region(item) == region.id) {
        slots.set(ChunkRef.slot(item));
      }
      return false;
    });
    return slots;
  }
}
