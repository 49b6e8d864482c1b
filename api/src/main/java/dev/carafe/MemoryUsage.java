package dev.carafe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the cache's native memory is, tag by tag (contract B1). The heap's share (Caffeine's index
 * and the keys) is the JVM's to report and not in here.
 *
 * @param bytesByTag each part's bytes, in a stable order; the parts add up to {@link #totalBytes()}
 * @param valueBytes bytes of live values in the memory tier, a part of the regions' bytes
 * @param chunkBytes bytes of the chunks that hold them; the difference is what rounding costs
 * @param budgetBytes what {@link CarafeBuilder#memory(long)} allows the regions
 */
public record MemoryUsage(
    Map<String, Long> bytesByTag, long valueBytes, long chunkBytes, long budgetBytes) {

  /** Copies the table. */
  public MemoryUsage {
    bytesByTag = Collections.unmodifiableMap(new LinkedHashMap<>(bytesByTag));
  }

  /**
   * All of it.
   *
   * @return the sum over the tags, in bytes
   */
  public long totalBytes() {
    return bytesByTag.values().stream().mapToLong(Long::longValue).sum();
  }
}
