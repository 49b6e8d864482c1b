package dev.carafe.region;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * All regions of one chunk size, which are the depot of that size's {@link Magazines}. The term is
 * from jemalloc and Netty. An item is the {@link ChunkRef} of a slot without its generation.
 *
 * <p>A thread refills its empty magazine from the magazine's source region. When the source has no
 * free chunk, the first region of the nonfull list becomes the source. A region is added to the
 * list when it is created, and when a hint is added after it was removed for lack of hints. Chunks
 * in other threads' magazines are taken only if no region can be created, because two threads that
 * use chunks of one region write to the same cache lines.
 */
final class SizeClass extends Magazines {
  private final RegionTable regions;
  private final int sizeIndex;

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable PooledRegion firstNonfull; // guarded by lock, as the list that begins here
  private @Nullable PooledRegion lastNonfull; // guarded by lock
  private int nonfull; // guarded by lock
  private volatile int nonfullCount; // written under lock

  SizeClass(RegionTable regions, int sizeIndex, @Nullable Magazine[] magazines) {
    super(magazines, sizeIndex, ChunkSizes.COUNT);
    this.regions = regions;
    this.sizeIndex = sizeIndex;
  }

  /**
   * A hint may name a region that was removed, or a later region with the same id. Most hints name
   * a chunk of the magazine's source: the processor then predicts the comparison, and reads the
   * slot's word before the item and the table are loaded.
   */
  @Override
  long take(Magazine magazine, long item) {
    PooledRegion source = magazine.source;
    PooledRegion region = regions.find(item);
    if (source != null && region == source) {
      return source.tryTakeRef(ChunkRef.slot(item));
    }
    return region == null || region.sizeIndex != sizeIndex
        ? Region.NO_SLOT
        : region.tryTakeRef(ChunkRef.slot(item));
  }

  @Override
  long takeFromDepot(@Nullable Magazine magazine) {
    PooledRegion source = magazine == null ? null : magazine.source;
    long ref = source == null || magazine == null ? Region.NO_SLOT : refill(magazine, source);
    return ref != Region.NO_SLOT ? ref : takeFromNonfull(magazine);
  }

  private long refill(Magazine magazine, PooledRegion region) {
    return region.frozen ? Region.NO_SLOT : refill(magazine, region, region.itemOfSlotZero());
  }

  @Override
  void putIntoDepot(long item) {
    PooledRegion region = regions.find(item);
    int slot = ChunkRef.slot(item);
    if (region != null && region.sizeIndex == sizeIndex && slot < region.slots()) {
      region.addHint(slot);
      if (!region.listed && !region.frozen) {
        add(region);
      }
    }
  }

  /**
   * Takes a chunk of a new region and adds the region to the list. Hints to its next chunks go to
   * this thread's magazine.
   */
  long allocFirst(PooledRegion fresh) {
    long ref = takeFrom(fresh, current());
    add(fresh);
    return ref;
  }

  /** Takes a chunk of a region. If there is one, the region becomes the magazine's source. */
  private long takeFrom(PooledRegion region, @Nullable Magazine magazine) {
    if (magazine == null) {
      return region.tryTakeAny();
    }
    long ref = refill(magazine, region);
    if (ref != Region.NO_SLOT) {
      magazine.source = region;
    }
    return ref;
  }

  private long takeFromNonfull(@Nullable Magazine magazine) {
    if (nonfullCount == 0) {
      return Region.NO_SLOT;
    }
    lock.lock();
    try {
      for (PooledRegion next = firstNonfull; next != null; next = firstNonfull) {
        long ref = takeFrom(next, magazine);
        if (ref != Region.NO_SLOT) {
          return ref;
        }
        unlink(next);
        VarHandle.fullFence(); // orders the write of listed before the read of the hints
        if (!next.frozen && next.hasHints()) {
          link(next); // the thread that added the hint may have seen the region listed
        }
      }
      return Region.NO_SLOT;
    } finally {
      lock.unlock();
    }
  }

  private void link(PooledRegion region) {
    if (!region.listed) {
      PooledRegion last = lastNonfull;
      region.previousListed = last;
      if (last == null) {
        firstNonfull = region;
      } else {
        last.nextListed = region;
      }
      lastNonfull = region;
      nonfullCount = ++nonfull;
      region.listed = true;
    }
  }

  private void unlink(PooledRegion region) {
    PooledRegion next = region.nextListed;
    PooledRegion previous = region.previousListed;
    if (next == null) {
      lastNonfull = previous;
    } else {
      next.previousListed = previous;
    }
    if (previous == null) {
      firstNonfull = next;
    } else {
      previous.nextListed = next;
    }
    region.nextListed = null;
    region.previousListed = null;
    nonfullCount = --nonfull;
    region.listed = false;
  }

  /** Adds a region that is new or was unfrozen. */
  void add(PooledRegion region) {
    lock.lock();
    try {
      link(region);
    } finally {
      lock.unlock();
    }
  }

  /** Removes a region that the pool removes. */
  void remove(PooledRegion region) {
    lock.lock();
    try {
      if (region.listed) {
        unlink(region);
      }
      clearSource(region);
    } finally {
      lock.unlock();
    }
  }
}
