package dev.carafe.region;

import dev.carafe.base.FlightEvents;
import dev.carafe.base.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Frees a run of pages in a full arena (contract B4). It chooses the adjacent regions that hold the
 * fewest bytes, freezes them, has each of their chunks relocated or dropped, and frees the pages as
 * one run. A region with a chunk that has no owner yet is not chosen. A region whose evacuation
 * failed is chosen after those that failed less often.
 *
 * <p>One evacuation runs at a time. It holds the allocator's lock while it chooses and while it
 * frees pages, but not while chunks are relocated.
 */
final class Evacuation {
  /** More bytes than any window can hold, since no chunk is longer than a fixed buffer. */
  private static final long FAILURE_COST = 4 * Limits.FIXED_BUFFER_BYTES;

  private static final int MAX_FAILURES = 1 << 10; // keeps the cost of a window from overflowing

  private final RegionAllocator allocator;
  private final ReentrantLock evacuationLock = new ReentrantLock();

  Evacuation(RegionAllocator allocator) {
    this.allocator = allocator;
  }

  /**
   * Adjacent pages: frozen regions, and free runs that were taken so that no new region uses them.
   */
  private static final class Window {
    final List<PooledRegion> regions;
    final List<Span> freeRuns;

    /** Allocates the lists at full length, before any page is taken. */
    Window(int spans) {
      regions = new ArrayList<>(spans);
      freeRuns = new ArrayList<>(spans);
    }
  }

  /**
   * A region or a free run, and the cost of freeing its pages: about the bytes to relocate, or
   * NEVER.
   */
  private record Span(int firstPage, int pages, long cost) {
    static final long NEVER = -1;
  }

  boolean makeRoom(int bytes, Evacuator evacuator) {
    FlightEvents.Evacuation event = FlightEvents.evacuation();
    boolean freed = false;
    evacuationLock.lock();
    try {
      Window window = choose(allocator.pagesNeeded(bytes));
      freed = window != null && evacuate(window, evacuator);
      return freed;
    } finally {
      if (event != null) {
        event.end(bytes, freed);
      }
      evacuationLock.unlock();
    }
  }

  /**
   * Relocates or drops the chunks beyond the end of the pages, and removes their regions. A region
   * with a chunk that is in use remains, and no chunk is taken from it.
   *
   * @return whether no region has a page beyond the end
   */
  boolean evacuateBeyondEnd(Evacuator evacuator) {
    evacuationLock.lock();
    try {
      List<PooledRegion> beyond = regionsBeyondEnd();
      for (PooledRegion region : beyond) {
        evacuate(region, evacuator);
      }
      if (!beyond.isEmpty()) {
        evacuator.freeRetired();
      }
      return removeEmpty(beyond);
    } finally {
      evacuationLock.unlock();
    }
  }

  private List<PooledRegion> regionsBeyondEnd() {
    allocator.lock().lock();
    try {
      return allocator.regionsBeyondEnd();
    } finally {
      allocator.lock().unlock();
    }
  }

  private boolean removeEmpty(List<PooledRegion> frozen) {
    allocator.lock().lock();
    try {
      boolean all = true;
      for (PooledRegion region : frozen) {
        if (region.claimAll()) {
          allocator.remove(region);
        } else {
          all = false;
        }
      }
      return all;
    } finally {
      allocator.lock().unlock();
    }
  }

  /**
   * Slides a window over the arena, span by span, and freezes the cheapest one that is long enough.
   */
  private @Nullable Window choose(int wanted) {
    allocator.lock().lock();
    try {
      List<Span> spans = spans();
      List<Span> best = List.of();
      long bestCost = Long.MAX_VALUE;
      int from = 0;
      int heldPages = 0;
      long cost = 0;
      for (int to = 0; to < spans.size(); to++) {
        Span next = spans.get(to);
        if (next.cost == Span.NEVER || beginsBuffer(next)) {
          from = next.cost == Span.NEVER ? to + 1 : to;
          heldPages = 0;
          cost = 0;
        }
        if (next.cost != Span.NEVER) {
          heldPages += next.pages;
          cost += next.cost;
        }
        for (; heldPages >= wanted; from++) {
          if (cost < bestCost) {
            best = spans.subList(from, to + 1);
            bestCost = cost;
          }
          heldPages -= spans.get(from).pages;
          cost -= spans.get(from).cost;
        }
      }
      return best.isEmpty() ? null : freeze(best);
    } finally {
      allocator.lock().unlock();
    }
  }

  private static boolean beginsBuffer(Span span) {
    return span.firstPage % (Limits.FIXED_BUFFER_BYTES / Limits.PAGE_BYTES) == 0;
  }

  private List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    for (int page = 0; page < allocator.pages(); ) {
      PooledRegion region = allocator.regionOfPage(page);
      int pages = region == null ? allocator.runs().runAt(page) : region.layout.pages();
      spans.add(new Span(page, pages, region == null ? 0 : cost(region)));
      page += pages;
    }
    return spans;
  }

  private static long cost(PooledRegion region) {
    long owned = region.ownedBytes();
    return owned < 0 ? Span.NEVER : owned + 1 + region.failedEvacuations * FAILURE_COST;
  }

  private Window freeze(List<Span> spans) {
    Window window = new Window(spans.size());
    for (Span span : spans) {
      PooledRegion region = allocator.regionOfPage(span.firstPage);
      if (region == null) {
        allocator.runs().remove(span.firstPage);
        window.freeRuns.add(span);
      } else {
        region.frozen = true;
        window.regions.add(region);
      }
    }
    return window;
  }

  /** Releases the window also if the evacuator, or the application's code that it calls, throws. */
  private boolean evacuate(Window window, Evacuator evacuator) {
    boolean freed = false;
    try {
      for (PooledRegion region : window.regions) {
        evacuate(region, evacuator);
      }
      evacuator.freeRetired();
    } finally {
      freed = release(window);
    }
    return freed;
  }

  private void evacuate(PooledRegion region, Evacuator evacuator) {
    for (int slot = 0; slot < region.slots(); slot++) {
      if (!region.isFree(slot)) {
        long ref = ChunkRef.of(region.generation(slot), region.id, slot);
        Object owner = region.owner(ref);
        if (owner != null && !relocated(region, ref, owner, evacuator)) {
          evacuator.drop(ref, owner);
        }
      }
    }
  }

  private boolean relocated(PooledRegion region, long ref, Object owner, Evacuator evacuator) {
    long to = allocator.tryAlloc(region.blockSize());
    if (to == ChunkRef.NONE) {
      return false;
    }
    boolean used = false;
    try {
      used = evacuator.relocate(ref, owner, to);
      return used;
    } finally {
      if (!used) {
        allocator.free(to);
      }
    }
  }

  private boolean release(Window window) {
    boolean allFreed = true;
    allocator.lock().lock();
    try {
      for (PooledRegion region : window.regions) {
        if (region.claimAll()) {
          allocator.detach(region);
          allocator.runs().free(region.layout.firstPage(), region.layout.pages());
        } else {
          region.failedEvacuations = Math.min(MAX_FAILURES, region.failedEvacuations + 1);
          allFreed = false;
        }
      }
      for (Span span : window.freeRuns) {
        allocator.runs().free(span.firstPage, span.pages);
      }
    } finally {
      allocator.lock().unlock();
    }
    for (int i = 0; !allFreed && i < window.regions.size(); i++) {
      allocator.unfreeze(window.regions.get(i));
    }
    return allFreed;
  }
}
