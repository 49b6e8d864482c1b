package dev.carafe.bench.versus;

import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Sizing;
import dev.carafe.contenders.Trait;

/**
 * How a contender's JVM shares out its memory.
 *
 * @param heapBytes the heap, as -Xmx
 * @param storeBytes what the store is told it may use, on the heap or off it
 */
record MemoryPlan(long heapBytes, long storeBytes) {
  private static final long MIB = 1L << 20;

  /** A JVM's code, classes, threads and the collector's own tables. */
  private static final long JVM_BYTES = 96 * MIB;

  private static final long SMALL_HEAP_BYTES = 64 * MIB;

  /** What Carafe's index takes on the heap for an entry, and what the collector needs beside it. */
  private static final long INDEX_ENTRY_BYTES = 230;

  /** What its file tier takes besides: buffers for reads and extents. */
  private static final long FILE_BUFFER_BYTES = 60 * MIB;

  /** And for each entry in the file's index, at the most. */
  private static final long FILE_INDEX_ENTRY_BYTES = 40;

  /** Of a heap that is not to be collected all the time, so much is live. */
  private static final double LIVE_SHARE = 0.62;

  /** Of native memory, so much is lost to the allocator. */
  private static final double NATIVE_SHARE = 0.9;

  private static boolean isCarafe(Contender contender) {
    return contender.name().startsWith("carafe");
  }

  /**
   * As much as the entries take, with room: for workloads in which all of them fit. Who evicts is
   * told of a bound that they fill to three quarters; a cache that is half empty has no policy to
   * pay for.
   */
  static MemoryPlan fitting(Contender contender, long entries, int valueBytes) {
    if (contender.is(Trait.HEAP)) {
      long bound = entries * (valueBytes + Sizing.HEAP_ENTRY_BYTES) * 13 / 10;
      return new MemoryPlan(entries * (valueBytes + 190L) * 16 / 10 + 160 * MIB, bound);
    }
    if (isCarafe(contender)) {
      long store = entries * valueBytes * 13 / 10 + 16 * MIB;
      return new MemoryPlan(192 * MIB + entries * INDEX_ENTRY_BYTES, store);
    }
    return new MemoryPlan(192 * MIB, entries * (valueBytes + 250L) * 14 / 10 + 16 * MIB);
  }

  /** The same memory in total for everybody, shared out as each one needs it. */
  static MemoryPlan within(Contender contender, long totalBytes, int valueBytes) {
    long rest = totalBytes - JVM_BYTES;
    if (contender.is(Trait.HEAP)) {
      return new MemoryPlan(rest, (long) (rest * LIVE_SHARE));
    }
    long small = contender.jars().equals("infinispan") ? 2 * SMALL_HEAP_BYTES : SMALL_HEAP_BYTES;
    if (isCarafe(contender)) {
      double share = 1 / (1 + INDEX_ENTRY_BYTES / (valueBytes + 64.0));
      long store = (long) ((rest - small) * share);
      return new MemoryPlan(rest - store, store);
    }
    return new MemoryPlan(small, (long) ((rest - small) * NATIVE_SHARE));
  }

  /**
   * With a file, the same total for everybody: who reads past the page cache gets what the others
   * have of it as a memory tier.
   */
  static MemoryPlan overFileWithin(
      Contender contender, long totalBytes, long memoryBytes, long entries) {
    MemoryPlan equal = overFile(contender, memoryBytes, entries);
    if (!contender.is(Trait.DIRECT_IO)) {
      return equal;
    }
    long rest = totalBytes - equal.heapBytes() - JVM_BYTES;
    long fileTier = FILE_BUFFER_BYTES + entries * FILE_INDEX_ENTRY_BYTES;
    long store = isCarafe(contender) ? rest - fileTier : (long) (rest * NATIVE_SHARE);
    return new MemoryPlan(equal.heapBytes(), store);
  }

  /** With a file: a memory tier as large for everybody, the rest of the total is page cache. */
  static MemoryPlan overFile(Contender contender, long memoryBytes, long entries) {
    long heap = contender.is(Trait.HEAP) ? memoryBytes * 2 + 64 * MIB : 128 * MIB;
    long index = isCarafe(contender) ? entries / 2 * INDEX_ENTRY_BYTES : 0;
    return new MemoryPlan(heap + index / 2, memoryBytes);
  }
}
