package dev.carafe.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ZipfTest {
  private static final int DRAWN = 1 << 18;

  @Test
  void mostPopularKeyHasItsShare() {
    int keys = 1000;
    int[] counts = new int[keys];
    for (int key : new Zipf(keys, 0.99).keys(DRAWN, 1)) {
      counts[key]++;
    }
    double zeta = 0;
    for (int rank = 1; rank <= keys; rank++) {
      zeta += Math.pow(rank, -0.99);
    }
    int most = Arrays.stream(counts).max().orElseThrow();
    assertEquals(1 / zeta, (double) most / DRAWN, 0.005);
    assertTrue(Arrays.stream(counts).filter(count -> count > 0).count() > keys * 0.99);
  }

  @Test
  void equalSeedsGiveEqualKeys() {
    Zipf zipf = new Zipf(500, 0.9);
    assertArrayEquals(zipf.keys(1000, 7), zipf.keys(1000, 7));
  }
}
