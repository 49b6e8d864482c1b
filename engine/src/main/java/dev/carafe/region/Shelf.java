package dev.carafe.region;

import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The regions of one chunk size.
 *
 * <p>Each stripe of threads takes from a region of its own while it lasts, without a lock. Only
 * when that is full is another taken from those on offer; a region comes on offer when it is new,
 * or when something is freed in it after it was found full.
 */
final class Shelf {
  private static final int STRIPES = 8;

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<PoolRegion> offers = new ArrayDeque<>();
  private final @Nullable PoolRegion[] current = new @Nullable PoolRegion[STRIPES];

  private static int stripe() {
    return (int) Thread.currentThread().threadId() & (STRIPES - 1);
  }

  /** Takes a chunk from the regions there are, or NONE. */
  long tryAlloc() {
    PoolRegion mine = current[stripe()];
    long ref = mine == null ? ChunkRef.NONE : mine.tryAlloc();
    return ref != ChunkRef.NONE ? ref : tryOffers();
  }

  private long tryOffers() {
    lock.lock();
    try {
      for (PoolRegion next = offers.peekFirst(); next != null; next = offers.peekFirst()) {
        long ref = next.tryAlloc();
        if (ref != ChunkRef.NONE) {
          current[stripe()] = next;
          return ref;
        }
        offers.removeFirst();
        next.offered = false;
        VarHandle.fullFence(); // before looking for what was freed by someone who saw it offered
        if (!next.frozen && next.region.avail() > 0) {
          offer(next); // freed in between: whoever freed may have seen it still on offer
        }
      }
      return ChunkRef.NONE;
    } finally {
      lock.unlock();
    }
  }

  private void offer(PoolRegion region) {
    if (!region.offered) {
      region.offered = true;
      offers.addLast(region);
    }
  }

  /** A new region, or one that was thawed. */
  void add(PoolRegion region) {
    lock.lock();
    try {
      offer(region);
    } finally {
      lock.unlock();
    }
  }

  /** After a free: a region that was full has something to offer again. */
  void freed(PoolRegion region) {
    if (!region.offered && !region.frozen) {
      add(region);
    }
  }

  /** A region that is no more. */
  void remove(PoolRegion region) {
    lock.lock();
    try {
      if (region.offered) {
        offers.remove(region);
        region.offered = false;
      }
      for (int i = 0; i < STRIPES; i++) {
        if (current[i] == region) {
          current[i] = null;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Regions on offer in which nothing is taken at this moment; not those being vacated. */
  List<PoolRegion> empties() {
    lock.lock();
    try {
      List<PoolRegion> found = new ArrayList<>();
      for (PoolRegion region : offers) {
        if (!region.frozen && region.takenSlots() == 0) {
          found.add(region);
        }
      }
      return found;
    } finally {
      lock.unlock();
    }
  }
}
