package dev.carafe.contenders.near;

import dev.carafe.contenders.Sizing;
import java.nio.file.Path;

/**
 * The server and the sizes of a near cache.
 *
 * @param port the port of the server, on this machine
 * @param memoryBytes the memory of the near cache
 * @param fileBytes the capacity of its file, for a near cache that has one
 * @param file the path of its file, for a near cache that has one
 * @param valueBytes the length of each value
 */
public record NearSizing(int port, long memoryBytes, long fileBytes, Path file, int valueBytes) {
  /** The address of the server. */
  public static final String HOST = "127.0.0.1";

  /** Returns the bytes that an entry of a map takes. */
  int entryBytes() {
    return valueBytes + Sizing.HEAP_ENTRY_BYTES;
  }

  /** Returns how many entries of a map fit into the memory. */
  int entries() {
    return Math.toIntExact(Math.max(1, memoryBytes / entryBytes()));
  }
}
