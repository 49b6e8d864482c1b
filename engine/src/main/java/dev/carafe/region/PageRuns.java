package dev.carafe.region;

import dev.carafe.base.Invariants;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The free pages of the arena, as runs of adjacent pages. A run never lies in two fixed buffers.
 *
 * <p>Free runs are in bins by length, linked through arrays that are indexed by the first page. The
 * length is stored at a run's first and last page (boundary tags), so that a freed run is joined
 * with its neighbours in constant time. Not thread-safe: the lock of {@link RegionAllocator} guards
 * it.
 *
 * <ul>
 *   <li>1. Two free runs are never adjacent, unless they lie in different fixed buffers.
 *   <li>2. A free run is in the bin of its length, and its first and last page have that length.
 * </ul>
 */
final class PageRuns {
  /** Returned by {@link #alloc} if no run is long enough. */
  static final int NONE = -1;

  private static final int EXACT_BINS = 64;
  private static final int BINS = EXACT_BINS + Integer.SIZE;

  private final int bufferPages;
  private int pages;
  private int[] length;
  private int[] next;
  private int[] previous;
  private final int[] heads = new int[BINS];
  private final BitSet runStarts = new BitSet();
  private int freePages;

  PageRuns(int pages, int bufferPages) {
    this.pages = pages;
    this.bufferPages = bufferPages;
    this.length = new int[pages];
    this.next = new int[pages];
    this.previous = new int[pages];
    Arrays.fill(heads, NONE);
    for (int first = 0; first < pages; first += bufferPages) {
      link(first, Math.min(bufferPages, pages - first));
    }
  }

  private static int bin(int runPages) {
    return runPages < EXACT_BINS
        ? runPages
        : EXACT_BINS + Integer.SIZE - 1 - Integer.numberOfLeadingZeros(runPages);
  }

  int freePages() {
    return freePages;
  }

  /**
   * Takes adjacent pages from a run of the first bin that has one long enough.
   *
   * @return the first page, or NONE
   */
  int alloc(int wanted) {
    for (int bin = bin(wanted); bin < BINS; bin++) {
      for (int run = heads[bin]; run != NONE; run = next[run]) {
        if (length[run] >= wanted) {
          int runPages = length[run];
          unlink(run);
          if (runPages > wanted) {
            link(run + wanted, runPages - wanted);
          }
          return run;
        }
      }
    }
    return NONE;
  }

  /** Sets the number of pages. Additional pages are taken until they are freed. */
  void extend(int newPages) {
    int room = Math.max(length.length, newPages);
    length = Arrays.copyOf(length, room);
    next = Arrays.copyOf(next, room);
    previous = Arrays.copyOf(previous, room);
    pages = newPages;
  }

  /** Removes the pages from a page on. Those among them that are taken are lost when freed. */
  void truncate(int newPages) {
    int split = newPages == 0 ? -1 : runStarts.previousSetBit(newPages - 1);
    for (int run = runStarts.nextSetBit(newPages); run >= 0; run = runStarts.nextSetBit(newPages)) {
      unlink(run);
    }
    if (split >= 0 && split + length[split] > newPages) {
      unlink(split);
      link(split, newPages - split);
    }
    pages = newPages;
  }

  /**
   * Frees adjacent pages and joins them with free neighbours. Pages beyond the last one were
   * removed, and are not freed.
   */
  void free(int firstPage, int count) {
    int first = firstPage;
    int end = Math.min(firstPage + count, pages);
    if (first >= end) {
      return;
    }
    if (first % bufferPages != 0 && length[first - 1] > 0) {
      first -= length[first - 1];
      unlink(first);
    }
    if (end < pages && end % bufferPages != 0 && length[end] > 0) {
      int after = length[end];
      unlink(end);
      end += after;
    }
    link(first, end - first);
  }

  /** Frees adjacent pages that may lie in several fixed buffers. */
  void freeAll(int firstPage, int count) {
    int end = firstPage + count;
    for (int first = firstPage; first < end; ) {
      int next = Math.min(end, (first / bufferPages + 1) * bufferPages);
      free(first, next - first);
      first = next;
    }
  }

  /** The length of the free run that begins at a page; 0 if none begins there. */
  int runAt(int page) {
    return runStarts.get(page) ? length[page] : 0;
  }

  /** Takes a whole free run. */
  void remove(int firstPage) {
    unlink(firstPage);
  }

  private void link(int first, int count) {
    int bin = bin(count);
    runStarts.set(first);
    length[first] = count;
    length[first + count - 1] = count;
    previous[first] = NONE;
    next[first] = heads[bin];
    if (heads[bin] != NONE) {
      previous[heads[bin]] = first;
    }
    heads[bin] = first;
    freePages += count;
  }

  private void unlink(int first) {
    int count = length[first];
    if (previous[first] == NONE) {
      heads[bin(count)] = next[first];
    } else {
      next[previous[first]] = next[first];
    }
    if (next[first] != NONE) {
      previous[next[first]] = previous[first];
    }
    runStarts.clear(first);
    length[first] = 0;
    length[first + count - 1] = 0;
    freePages -= count;
  }

  void checkInvariants() {
    int counted = 0;
    for (int bin = 0; bin < BINS; bin++) {
      for (int run = heads[bin]; run != NONE; run = next[run]) {
        int count = length[run];
        Invariants.check(bin(count) == bin, "PageRuns 2: run at " + run + " is in a wrong bin");
        Invariants.check(
            length[run + count - 1] == count, "PageRuns 2: the ends of run " + run + " differ");
        int end = run + count;
        boolean joined = end < pages && end % bufferPages != 0 && runAt(end) > 0;
        Invariants.check(!joined, "PageRuns 1: the run at " + run + " has a free neighbour");
        counted += count;
      }
    }
    Invariants.check(
        counted == freePages,
        "PageRuns 2: the lengths of the runs differ from the count of free pages");
  }
}
