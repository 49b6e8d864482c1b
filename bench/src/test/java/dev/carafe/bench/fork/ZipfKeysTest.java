package dev.carafe.bench.fork;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ZipfKeysTest {
  private static final int DRAWN = 1 << 18;

  @Test
  void mostPopularKeyHasItsShare() {
    int keys = 1000;
    int[] counts = new int[keys];
    for (int key : new ZipfKeys(keys, 0.99).sequence(DRAWN, 1)) {
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
    ZipfKeys zipf = new ZipfKeys(500, 0.9);
    assertArrayEquals(zipf.sequence(1000, 7), zipf.sequence(1000, 7));
  }
}
