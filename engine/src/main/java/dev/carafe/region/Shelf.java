package dev.carafe.region;

import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The regions of one chunk size.
 *
 * <p>Each thread takes first what it gave back itself: its {@link Hand} tells which chunks, and
 * costs no lock. When that is empty it fills its hand from a region of its own, and when that has
 * nothing either, another region is taken from those on offer; a region comes on offer when it is
 * new, or when hints come back to it after it was found without. When no region can be made either,
 * what is left is looked for in other threads' hands, so that no free chunk is out of reach.
 */
final class Shelf {
  private static final int OVERFLOW = Hand.CAPACITY / 2;

  private final RegionTable regions;
  private final int sizeIndex;
  private final Hands hands = new Hands();

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable PoolRegion firstOffer; // guarded by lock, as the list that begins here
  private @Nullable PoolRegion lastOffer; // guarded by lock
  private int offers; // guarded by lock
  private volatile int offerCount; // written under lock

  /** By seat: the region that a thread fills its hand from; written by it, or under the lock. */
  private final @Nullable PoolRegion[] current = new @Nullable PoolRegion[Seats.COUNT];

  Shelf(RegionTable regions, int sizeIndex) {
    this.regions = regions;
    this.sizeIndex = sizeIndex;
  }

  /** Takes a chunk that no other thread has in its hand, or NONE. */
  long tryAlloc() {
    Hand hand = hands.mine();
    long ref = hand == null ? ChunkRef.NONE : fromHand(hand);
    return ref != ChunkRef.NONE ? ref : fromRegions(hand);
  }

  private long fromHand(Hand hand) {
    for (long item = hand.pop(); item != Hand.EMPTY; item = hand.pop()) {
      long ref = take(item);
      if (ref != ChunkRef.NONE) {
        return ref;
      }
    }
    return ChunkRef.NONE;
  }

  /** A hint may be of a region that is no more: then it tells nothing, or another free chunk. */
  private long take(long item) {
    PoolRegion region = regions.find(item);
    return region == null || region.sizeIndex != sizeIndex
        ? ChunkRef.NONE
        : region.tryTake(ChunkRef.slot(item));
  }

  private long fromRegions(@Nullable Hand hand) {
    long ref = hand == null ? ChunkRef.NONE : fromCurrent(hand);
    return ref != ChunkRef.NONE ? ref : fromOffers(hand);
  }

  /** Takes a chunk wherever there is one, or NONE; after {@link #tryAlloc} found none. */
  long tryAllocOfOthers() {
    Hand hand = hands.mine();
    for (; ; ) {
      int moves = hands.moves();
      long ref = fromRegions(hand);
      if (ref != ChunkRef.NONE) {
        return ref;
      }
      long[] found = {ChunkRef.NONE};
      boolean taken =
          hands.offerAll(item -> {
            found[0] = take(item);
            return found[0] != ChunkRef.NONE;
          });
      if (taken || moves == hands.moves()) {
        return found[0];
      }
    }
  }

  private long fromCurrent(Hand hand) {
    PoolRegion mine = current[Seats.mine()];
    return mine == null ? ChunkRef.NONE : fill(hand, mine);
  }

  /**
   * Takes a chunk of a new region, after {@link #tryAlloc} found none, and offers the others. Those
   * that fit this thread's hand go there: were they another's, the two would write to the same
   * line.
   */
  long allocFirst(PoolRegion fresh) {
    long ref = takeFrom(fresh, hands.mine());
    add(fresh);
    return ref;
  }

  /** From a region that is this thread's to fill its hand from, if it has one and finds some. */
  private long takeFrom(PoolRegion region, @Nullable Hand hand) {
    if (hand == null) {
      return region.tryAlloc();
    }
    long ref = fill(hand, region);
    if (ref != ChunkRef.NONE) {
      current[Seats.mine()] = region;
    }
    return ref;
  }

  private long fill(Hand hand, PoolRegion region) {
    while (!region.frozen && region.slots.moveTo(hand, ChunkRef.of(0, region.id, 0))) {
      long ref = fromHand(hand);
      if (ref != ChunkRef.NONE) {
        return ref;
      }
    }
    return ChunkRef.NONE;
  }

  private long fromOffers(@Nullable Hand hand) {
    if (offerCount == 0) {
      return ChunkRef.NONE;
    }
    lock.lock();
    try {
      for (PoolRegion next = firstOffer; next != null; next = firstOffer) {
        long ref = takeFrom(next, hand);
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

  private void offer(PoolRegion region) {
    if (!region.offered) {
      PoolRegion last = lastOffer;
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

  private void withdraw(PoolRegion region) {
    PoolRegion next = region.nextOffer;
    PoolRegion previous = region.previousOffer;
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
  void add(PoolRegion region) {
    lock.lock();
    try {
      offer(region);
    } finally {
      lock.unlock();
    }
  }

  /** A chunk was given back: its hint goes to this thread's hand, or to its region. */
  void freed(PoolRegion region, int slot) {
    Hand hand = hands.mine();
    if (hand == null) {
      offer(region, slot);
    } else {
      long item = ChunkRef.of(0, region.id, slot);
      if (!hand.push(item)) {
        overflow(hand);
        hand.push(item);
      }
    }
  }

  private void offer(PoolRegion region, int slot) {
    region.slots.offer(slot);
    if (!region.offered && !region.frozen) {
      add(region);
    }
  }

  private void overflow(Hand hand) {
    for (int i = 0; i < OVERFLOW; i++) {
      long item = hand.item(i);
      PoolRegion region = regions.find(item);
      int slot = ChunkRef.slot(item);
      if (region != null && region.sizeIndex == sizeIndex && slot < region.slots.slots()) {
        offer(region, slot);
      }
    }
    hands.moved();
    hand.dropOldest(OVERFLOW);
  }

  /** A region that is no more. */
  void remove(PoolRegion region) {
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
  BitSet inHands(PoolRegion region) {
    BitSet slots = new BitSet();
    hands.offerAll(item -> {
      if (ChunkRef.region(item) == region.id) {
        slots.set(ChunkRef.slot(item));
      }
      return false;
    });
    return slots;
  }
}
