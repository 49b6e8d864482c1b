package dev.carafe.region;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Free pages are allocated once. Freed pages are merged, but never across two fixed buffers. */
final class PageRunsTest {
  @Test
  void adjacentRunsAreMerged() {
    PageRuns runs = new PageRuns(8, 8);
    assertEquals(0, runs.alloc(2));
    assertEquals(2, runs.alloc(2));
    assertEquals(4, runs.alloc(4));
    assertEquals(PageRuns.NONE, runs.alloc(1));
    runs.free(0, 2);
    runs.free(4, 4);
    assertEquals(PageRuns.NONE, runs.alloc(5));
    runs.free(2, 2);
    runs.checkInvariants();
    assertEquals(8, runs.runAt(0));
    assertEquals(0, runs.runAt(4));
    assertEquals(0, runs.alloc(8));
    assertEquals(0, runs.freePages());
  }

  @Test
  void theShortestSufficientRunIsTaken() {
    PageRuns runs = new PageRuns(16, 16);
    runs.alloc(16);
    runs.free(0, 5);
    runs.free(6, 2);
    runs.free(9, 3);
    assertEquals(9, runs.alloc(3));
    assertEquals(6, runs.alloc(1));
    assertEquals(7, runs.alloc(1));
    assertEquals(0, runs.alloc(1));
    assertEquals(4, runs.runAt(1));
    runs.checkInvariants();
  }

  @Test
  void noRunCrossesABorder() {
    PageRuns runs = new PageRuns(10, 4);
    assertEquals(PageRuns.NONE, runs.alloc(5));
    int[] taken = {runs.alloc(4), runs.alloc(4), runs.alloc(2)};
    assertEquals(0, runs.freePages());
    for (int first : taken) {
      assertEquals(0, first % 4);
      runs.free(first, first == 8 ? 2 : 4);
      runs.checkInvariants();
    }
    assertEquals(PageRuns.NONE, runs.alloc(5));
    assertEquals(10, runs.freePages());
  }

  @Test
  void aRunCanBeTakenWhole() {
    PageRuns runs = new PageRuns(8, 8);
    runs.alloc(3);
    runs.remove(3);
    assertEquals(0, runs.freePages());
    assertEquals(0, runs.runAt(3));
    runs.free(3, 5);
    assertEquals(5, runs.runAt(3));
    runs.checkInvariants();
  }

  @Test
  void longRunsShareABinByPowersOfTwo() {
    PageRuns runs = new PageRuns(1000, 1000);
    runs.alloc(1000);
    runs.free(0, 100);
    runs.free(200, 120);
    assertEquals(PageRuns.NONE, runs.alloc(121));
    assertEquals(200, runs.alloc(110));
    assertEquals(0, runs.alloc(100));
    runs.checkInvariants();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void followsTheModel(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int pages = 500;
    int border = 128;
    PageRuns runs = new PageRuns(pages, border);
    BitSet taken = new BitSet();
    List<int[]> held = new ArrayList<>();
    for (int step = 0; step < 5000; step++) {
      String at = "seed " + seed + ", step " + step;
      if (random.nextInt(100) < 52) {
        int wanted = random.nextInt(100) < 80 ? random.nextInt(1, 9) : random.nextInt(1, 129);
        int first = runs.alloc(wanted);
        assertEquals(longestFree(taken, pages, border) >= wanted, first != PageRuns.NONE, at);
        if (first != PageRuns.NONE) {
          assertTrue(taken.get(first, first + wanted).isEmpty(), at);
          assertEquals(first / border, (first + wanted - 1) / border, at);
          taken.set(first, first + wanted);
          held.add(new int[] {first, wanted});
        }
      } else if (!held.isEmpty()) {
        int[] run = held.remove(random.nextInt(held.size()));
        runs.free(run[0], run[1]);
        taken.clear(run[0], run[0] + run[1]);
      }
      assertEquals(pages - taken.cardinality(), runs.freePages(), at);
      runs.checkInvariants();
    }
  }

  private static int longestFree(BitSet taken, int pages, int border) {
    int longest = 0;
    int run = 0;
    for (int page = 0; page < pages; page++) {
      run = page % border == 0 ? 0 : run;
      run = taken.get(page) ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }
}
