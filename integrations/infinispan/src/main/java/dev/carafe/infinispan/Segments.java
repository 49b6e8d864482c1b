package dev.carafe.infinispan;

import dev.carafe.CarafeStore;
import dev.carafe.Codec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.infinispan.commons.util.IntSet;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a store: a cache for each that has had an entry, so that a segment is counted,
 * published and emptied without the others. A store that is not segmented has one. Thread-safe.
 */
final class Segments {
  private static final String PREFIX = "segment-";

  private final CarafeStore store;
  private final boolean segmented;
  private final ConcurrentMap<Integer, Segment> open = new ConcurrentHashMap<>();

  /**
   * Opens the segments that the file has.
   *
   * @param store the caches and their file
   * @param segmented whether the store is
   */
  Segments(CarafeStore store, boolean segmented) {
    this.store = store;
    this.segmented = segmented;
    for (String name : store.cacheNames()) {
      int number = Integer.parseInt(name.substring(PREFIX.length()));
      // when its entries expire is not known
      open.put(number, open(number, Long.MIN_VALUE));
    }
  }

  private Segment open(int number, long firstExpiry) {
    return new Segment(
        store.cache(PREFIX + number, Codec.bytes(), new EntryCodec()).buildAsync(), firstExpiry);
  }

  private int numberOf(int segment) {
    return segmented ? segment : 0;
  }

  /** Returns a segment; null if it has never had an entry. */
  @Nullable Segment find(int segment) {
    return open.get(numberOf(segment));
  }

  /** Returns a segment, and opens it if need be. */
  Segment get(int segment) {
    int number = numberOf(segment);
    Segment found = open.get(number);
    return found != null ? found : open.computeIfAbsent(number, _ -> open(number, Long.MAX_VALUE));
  }

  /** Returns all segments that have had an entry. */
  List<Segment> all() {
    return List.copyOf(open.values());
  }

  /** Returns those of some segments that have had an entry. */
  List<Segment> of(IntSet wanted) {
    if (!segmented) {
      return all();
    }
    List<Segment> found = new ArrayList<>();
    open.forEach((number, segment) -> {
      if (wanted.contains(number.intValue())) {
        found.add(segment);
      }
    });
    return found;
  }
}
