package dev.carafe.region;

import dev.carafe.base.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes room where there is none (contract B4): finds the run of adjacent pages whose regions hold
 * the least, freezes those regions, has each of their chunks moved or dropped, and gives the pages
 * back as one run. A place with a chunk that nobody owns yet is passed over, and one that could not
 * be emptied is tried again after those that failed less often.
 *
 * <p>One thread at a time. It holds the pool's lock only to choose and to give back, never while
 * chunks are moved.
 */
final class Evacuation {
  /** More than any place can hold: no chunk is longer than a buffer. */
  private static final long FAILURE_COST = 4 * Limits.FIXED_BUFFER_BYTES;

  private static final int MAX_FAILURES = 1 << 10; // keeps the sum over a place from overflowing

  private final ChunkPool pool;
  private final ReentrantLock evacuationLock = new ReentrantLock();

  Evacuation(ChunkPool pool) {
    this.pool = pool;
  }

  /** Adjacent pages: frozen regions, and free runs that were taken so that nothing lands there. */
  private static final class Window {
    final List<PooledRegion> regions;
    final List<Span> freeRuns;

    /** With all the room that is needed, before anything is taken. */
    Window(int spans) {
      regions = new ArrayList<>(spans);
      freeRuns = new ArrayList<>(spans);
    }
  }

  /** A region or a free run, and what it costs to have its pages, or NEVER. */
  private record Span(int firstPage, int pages, long cost) {
    static final long NEVER = -1;
  }

  boolean makeRoom(int bytes, Evacuator evacuator) {
    evacuationLock.lock();
    try {
      Window window = choose(pool.pagesNeeded(bytes));
      return window != null && evacuate(window, evacuator);
    } finally {
      evacuationLock.unlock();
    }
  }

  /** Slides over the arena, region by region, and takes the cheapest run that is long enough. */
  private @Nullable Window choose(int wanted) {
    pool.lock().lock();
    try {
      List<Span> spans = spans();
      List<Span> best = List.of();
      long bestCost = Long.MAX_VALUE;
      int from = 0;
      int held = 0;
      long cost = 0;
      for (int to = 0; to < spans.size(); to++) {
        Span next = spans.get(to);
        if (next.cost == Span.NEVER || beginsBuffer(next)) {
          from = next.cost == Span.NEVER ? to + 1 : to;
          held = 0;
          cost = 0;
        }
        if (next.cost != Span.NEVER) {
          held += next.pages;
          cost += next.cost;
        }
        for (; held >= wanted; from++) {
          if (cost < bestCost) {
            best = spans.subList(from, to + 1);
            bestCost = cost;
          }
          held -= spans.get(from).pages;
          cost -= spans.get(from).cost;
        }
      }
      return best.isEmpty() ? null : freeze(best);
    } finally {
      pool.lock().unlock();
    }
  }

  private static boolean beginsBuffer(Span span) {
    return span.firstPage % (Limits.FIXED_BUFFER_BYTES / Limits.PAGE_BYTES) == 0;
  }

  private List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    for (int page = 0; page < pool.pages(); ) {
      PooledRegion region = pool.regionOfPage(page);
      int pages = region == null ? pool.runs().runAt(page) : region.layout.pages();
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
      PooledRegion region = pool.regionOfPage(span.firstPage);
      if (region == null) {
        pool.runs().remove(span.firstPage);
        window.freeRuns.add(span);
      } else {
        region.frozen = true;
        window.regions.add(region);
      }
    }
    return window;
  }

  /** What was taken goes back whatever is thrown meanwhile, by the application's code as well. */
  private boolean evacuate(Window window, Evacuator evacuator) {
    boolean given = false;
    try {
      for (PooledRegion region : window.regions) {
        evacuate(region, evacuator);
      }
      evacuator.freeRetired();
    } finally {
      given = release(window);
    }
    return given;
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
    long to = pool.tryAlloc(region.blockSize());
    if (to == ChunkRef.NONE) {
      return false;
    }
    boolean used = false;
    try {
      used = evacuator.relocate(ref, owner, to);
      return used;
    } finally {
      if (!used) {
        pool.free(to);
      }
    }
  }

  private boolean release(Window window) {
    boolean whole = true;
    pool.lock().lock();
    try {
      for (PooledRegion region : window.regions) {
        if (region.claimAll()) {
          pool.detach(region);
          pool.runs().free(region.layout.firstPage(), region.layout.pages());
        } else {
          region.failedEvacuations = Math.min(MAX_FAILURES, region.failedEvacuations + 1);
          whole = false;
        }
      }
      for (Span span : window.freeRuns) {
        pool.runs().free(span.firstPage, span.pages);
      }
    } finally {
      pool.lock().unlock();
    }
    for (int i = 0; !whole && i < window.regions.size(); i++) {
      PooledRegion region = window.regions.get(i);
      if (pool.isLive(region)) {
        pool.unfreeze(region);
      }
    }
    return whole;
  }
}
