package dev.carafe.region;

import dev.carafe.base.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes room where there is none (contract B4): finds the run of adjacent pages whose regions hold
 * the least, freezes those regions, has each of their chunks moved or dropped, and gives the pages
 * back as one run.
 *
 * <p>One thread at a time. It holds the pool's lock only to choose and to give back, never while
 * chunks are moved.
 */
final class Vacating {
  private final ChunkPool pool;
  private final ReentrantLock one = new ReentrantLock();

  Vacating(ChunkPool pool) {
    this.pool = pool;
  }

  /** Adjacent pages: frozen regions, and free runs that were taken so that nothing lands there. */
  private static final class Window {
    final List<PoolRegion> regions = new ArrayList<>();
    final List<int[]> freeRuns = new ArrayList<>();
  }

  boolean makeRoom(int bytes, Vacate vacate) {
    one.lock();
    try {
      Window window = choose(pool.pagesNeeded(bytes));
      if (window == null) {
        return false;
      }
      for (PoolRegion region : window.regions) {
        empty(region, vacate);
      }
      vacate.emptied();
      return giveBack(window);
    } finally {
      one.unlock();
    }
  }

  /** Slides over the arena, region by region, and takes the cheapest run that is long enough. */
  private @Nullable Window choose(int wanted) {
    pool.lock().lock();
    try {
      List<int[]> spans = spans(); // {first page, pages, cost in live bytes}
      int bestFrom = -1;
      int bestTo = -1;
      long bestCost = Long.MAX_VALUE;
      int to = 0;
      int held = 0;
      long cost = 0;
      for (int from = 0; from < spans.size(); from++) {
        while (to < spans.size() && held < wanted && (held == 0 || adjacent(spans, to))) {
          held += spans.get(to)[1];
          cost += spans.get(to)[2];
          to++;
        }
        if (held >= wanted && cost < bestCost) {
          bestFrom = from;
          bestTo = to;
          bestCost = cost;
        }
        if (to == from) {
          to++; // nothing was held
        } else {
          held -= spans.get(from)[1];
          cost -= spans.get(from)[2];
        }
      }
      return bestFrom < 0 ? null : take(spans.subList(bestFrom, bestTo));
    } finally {
      pool.lock().unlock();
    }
  }

  private static boolean adjacent(List<int[]> spans, int index) {
    int page = spans.get(index)[0];
    return page % (Limits.FIXED_BUFFER_BYTES / Limits.PAGE_BYTES) != 0;
  }

  private List<int[]> spans() {
    List<int[]> spans = new ArrayList<>();
    for (int page = 0; page < pool.pages(); ) {
      PoolRegion region = pool.regionOfPage(page);
      int count = region == null ? pool.runs().runAt(page) : region.place.pages();
      int cost = region == null ? 0 : (int) (region.takenBytes() / 64) + 1;
      spans.add(new int[] {page, count, cost});
      page += count;
    }
    return spans;
  }

  private Window take(List<int[]> spans) {
    Window window = new Window();
    for (int[] span : spans) {
      PoolRegion region = pool.regionOfPage(span[0]);
      if (region == null) {
        pool.runs().take(span[0]);
        window.freeRuns.add(span);
      } else {
        region.frozen = true;
        window.regions.add(region);
      }
    }
    return window;
  }

  private void empty(PoolRegion region, Vacate vacate) {
    for (int slot = 0; slot < region.slots.slots(); slot++) {
      if (!region.slots.isFree(slot)) {
        long ref = ChunkRef.of(region.slots.generation(slot), region.id, slot);
        Object owner = region.owner(ref);
        if (owner != null && !moved(region, ref, owner, vacate)) {
          vacate.drop(ref, owner);
        }
      }
    }
  }

  private boolean moved(PoolRegion region, long ref, Object owner, Vacate vacate) {
    long to = pool.tryAlloc(region.place.chunkBytes());
    if (to == ChunkRef.NONE) {
      return false;
    }
    boolean used = vacate.move(ref, owner, to);
    if (!used) {
      pool.free(to);
    }
    return used;
  }

  private boolean giveBack(Window window) {
    List<PoolRegion> stuck = new ArrayList<>();
    pool.lock().lock();
    try {
      for (PoolRegion region : window.regions) {
        if (region.slots.claimAll()) {
          pool.detach(region);
          pool.runs().free(region.place.firstPage(), region.place.pages());
        } else {
          stuck.add(region);
        }
      }
      for (int[] span : window.freeRuns) {
        pool.runs().free(span[0], span[1]);
      }
    } finally {
      pool.lock().unlock();
    }
    stuck.forEach(pool::thaw);
    return stuck.isEmpty();
  }
}
