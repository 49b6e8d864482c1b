package dev.carafe;

import java.util.List;

/**
 * What hit ratio tiers of other sizes would have had since the cache was opened. An estimate from a
 * sample of the keys: the hit ratio of a cache that evicts what was not used for longest. The
 * engine's own policy answers some more reads or some fewer with the same size, so the differences
 * between the sizes tell more than the ratio of one. Immutable.
 *
 * <p>If the file has a value from before the cache was opened, the first read of its key counts as
 * answered by a file of at least the present size. In the {@code points} it is a miss.
 *
 * @param reads the reads that the estimate is based on
 * @param memory the reads that memory answers, if its size is half the present one, the same,
 *     twice, and four times
 * @param file the reads that either tier answers, if the file has half the present capacity, the
 *     same, twice, and four times. The present ratio of compression is assumed. Empty without a
 *     file
 * @param points the whole curve by ascending sizes, up to four times the present sizes: the reads
 *     that a cache of these bytes answers. The bytes are those that keys and values take in memory;
 *     from one point to the next, the ratio of the smaller one applies
 */
public record MissRatioCurve(long reads, List<Point> memory, List<Point> file, List<Point> points) {

  /**
   * The hit ratio of one size.
   *
   * @param bytes the size
   * @param hitRatio the part of all reads that is answered, from 0 to 1
   */
  public record Point(long bytes, double hitRatio) {}

  /** Copies the lists. */
  public MissRatioCurve {
    memory = List.copyOf(memory);
    file = List.copyOf(file);
    points = List.copyOf(points);
  }

  /**
   * Returns the hit ratio of a cache of another size.
   *
   * @param bytes the bytes that keys and values may take in memory. Beyond the largest of the
   *     {@code points}, the ratio of that point is returned
   * @return the part of the reads that the cache would have answered, from 0 to 1
   * @throws IllegalArgumentException if bytes is negative
   */
  public double hitRatio(long bytes) {
    Checks.requireAtLeast("bytes", bytes, 0);
    int from = 0;
    int to = points.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (points.get(middle).bytes() <= bytes) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from == 0 ? 0 : points.get(from - 1).hitRatio();
  }
}
