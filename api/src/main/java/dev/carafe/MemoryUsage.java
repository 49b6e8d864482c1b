package dev.carafe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The cache's native memory by tag (contract B1), in bytes. Caffeine's index is on the heap and not
 * included.
 *
 * @param bytesByTag bytes by tag, in a stable order: {@code regions} (the arena of keys and
 *     values), {@code leasedCopies} (copies of values for open leases), {@code recentReads} (a
 *     table in front of Caffeine's index), and with a file {@code fileIndex}, {@code extentBuffers}
 *     (write and read buffers), {@code compression} and {@code rings}
 * @param valueBytes bytes of live values in the memory tier, a part of {@code regions}
 * @param chunkBytes bytes of the chunks that hold these values. The difference is their keys,
 *     headers of 8 bytes, and rounding
 * @param budgetBytes the limit of {@code regions}: {@link CarafeBuilder#memory(long)}
 * @param inStore whether this memory serves all caches of a {@link CarafeStore}; false for a cache
 *     with a memory of its own
 */
public record MemoryUsage(
    Map<String, Long> bytesByTag,
    long valueBytes,
    long chunkBytes,
    long budgetBytes,
    boolean inStore) {

  /** Copies the table. */
  public MemoryUsage {
    bytesByTag = Collections.unmodifiableMap(new LinkedHashMap<>(bytesByTag));
  }

  /**
   * The sum over all tags.
   *
   * @return bytes
   */
  public long totalBytes() {
    return bytesByTag.values().stream().mapToLong(Long::longValue).sum();
  }
}
