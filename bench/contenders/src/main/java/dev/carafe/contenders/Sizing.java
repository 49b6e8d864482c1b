package dev.carafe.contenders;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sizes that a store is configured with.
 *
 * @param memoryBytes the memory limit, including the overhead per entry
 * @param fileBytes the file capacity, 0 without a file
 * @param directory an existing directory for the files, null without a file
 * @param entries the maximum number of entries
 * @param valueBytes the length of a value; the mean length if {@code fixed} is false
 * @param fixed whether all values have the same length. If not, as in replays, caches evict on the
 *     calling thread where they can, because background eviction falls behind a replay
 */
public record Sizing(
    long memoryBytes,
    long fileBytes,
    @Nullable Path directory,
    long entries,
    int valueBytes,
    boolean fixed) {

  /** Bytes per entry of a heap cache besides the value: node, table, key and array header. */
  public static final int HEAP_ENTRY_BYTES = 136;

  /** Checks the sizes. */
  public Sizing {
    if (memoryBytes < 1 || fileBytes < 0 || entries < 1 || valueBytes < 1) {
      throw new IllegalArgumentException(
          "memoryBytes, entries and valueBytes must be positive, but are %d, %d and %d"
              .formatted(memoryBytes, entries, valueBytes));
    }
  }

  /**
   * Creates the sizing of a store in memory with values of one length.
   *
   * @param memoryBytes the memory limit
   * @param entries the maximum number of entries
   * @param valueBytes the length of each value
   * @return the sizing
   */
  public static Sizing memory(long memoryBytes, long entries, int valueBytes) {
    return new Sizing(memoryBytes, 0, null, entries, valueBytes, true);
  }

  /**
   * Returns the directory of a store that has files.
   *
   * @return the directory
   */
  Path home() {
    return Objects.requireNonNull(directory, "this contender needs a directory");
  }

  /**
   * Returns the capacity of a heap cache that is limited by the number of entries.
   *
   * @return the number of entries
   */
  long heapEntries() {
    return Math.max(16, memoryBytes / (valueBytes + HEAP_ENTRY_BYTES));
  }

  /**
   * Returns the memory limit in MiB, at least 1.
   *
   * @return MiB
   */
  long memoryMebibytes() {
    return Math.max(1, memoryBytes >> 20);
  }
}
