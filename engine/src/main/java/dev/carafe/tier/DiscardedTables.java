package dev.carafe.tier;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The tables of an index that was cleared, until they are unmapped. A cache of a million records
 * has 42 MB of tables, and unmapping them takes milliseconds. So the thread that clears the index
 * under the history lock only adds them, and the log maintenance thread unmaps them.
 *
 * <p>Thread-safe.
 */
final class DiscardedTables {
  private final Queue<IndexTable> tables = new ConcurrentLinkedQueue<>();

  /** Adds a table that the index no longer has. Optimistic readers may still read it. */
  void add(IndexTable table) {
    tables.add(table);
  }

  /** Returns the memory of the tables in bytes. */
  long bytes() {
    long bytes = 0;
    for (IndexTable table : tables) {
      bytes += table.slots().byteSize();
    }
    return bytes;
  }

  /** Unmaps the tables. */
  void free() {
    for (IndexTable next = tables.poll(); next != null; next = tables.poll()) {
      next.close();
    }
  }
}
