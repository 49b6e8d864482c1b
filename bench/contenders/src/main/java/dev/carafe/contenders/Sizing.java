package dev.carafe.contenders;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How large a store is to be.
 *
 * @param memoryBytes what it may keep in memory, what it spends on an entry included
 * @param fileBytes what its file may take, 0 without a file
 * @param directory an existing folder for its files, null without a file
 * @param entries how many entries are to be expected at most
 * @param valueBytes the length of a value; an average where {@code fixed} is false
 * @param fixed whether all values are as long; not so in replays, which leave no pause in which a
 *     thread in the background could catch up with them, so those who can evict as they go
 */
public record Sizing(
    long memoryBytes,
    long fileBytes,
    @Nullable Path directory,
    long entries,
    int valueBytes,
    boolean fixed) {

  /** What a heap cache spends on an entry beside the value's bytes: node, table, key, header. */
  public static final int HEAP_ENTRY_BYTES = 136;

  /** Checks the amounts. */
  public Sizing {
    if (memoryBytes < 1 || fileBytes < 0 || entries < 1 || valueBytes < 1) {
      throw new IllegalArgumentException(
          "memoryBytes, entries and valueBytes must be positive, but are %d, %d and %d"
              .formatted(memoryBytes, entries, valueBytes));
    }
  }

  /**
   * A store in memory for values of one length.
   *
   * @param memoryBytes its memory
   * @param entries how many entries are to be expected
   * @param valueBytes the length of each value
   * @return the sizing
   */
  public static Sizing memory(long memoryBytes, long entries, int valueBytes) {
    return new Sizing(memoryBytes, 0, null, entries, valueBytes, true);
  }

  /**
   * The folder of a store that needs one.
   *
   * @return the folder
   */
  Path home() {
    return Objects.requireNonNull(directory, "this contender needs a directory");
  }

  /**
   * How many entries fit a heap cache that counts entries.
   *
   * @return a count
   */
  long heapEntries() {
    return Math.max(16, memoryBytes / (valueBytes + HEAP_ENTRY_BYTES));
  }

  /**
   * How many memory bytes there are, as megabytes, at least one.
   *
   * @return MiB
   */
  long memoryMebibytes() {
    return Math.max(1, memoryBytes >> 20);
  }
}
