package dev.carafe.bench.versus;

import dev.carafe.contenders.Contender;
import dev.carafe.contenders.Sizing;
import dev.carafe.contenders.Trait;

/**
 * The memory configuration of a contender's JVM.
 *
 * @param heapBytes the heap size, for -Xmx
 * @param storeBytes the memory limit that the store is configured with, on or off the heap
 */
record MemoryPlan(long heapBytes, long storeBytes) {
  private static final long MIB = 1L << 20;

  /** Code cache, metaspace, thread stacks and collector structures of a JVM. */
  private static final long JVM_BYTES = 96 * MIB;

  private static final long SMALL_HEAP_BYTES = 64 * MIB;

  /** Heap bytes per entry of Carafe's index, with the headroom that the collector needs. */
  private static final long INDEX_ENTRY_BYTES = 230;

  /** The read and extent buffers of Carafe's file tier. */
  private static final long FILE_BUFFER_BYTES = 60 * MIB;

  /** Bytes per entry of the file index, at most. */
  private static final long FILE_INDEX_ENTRY_BYTES = 40;

  /** The share of live objects in a heap that is large enough to avoid frequent collections. */
  private static final double LIVE_SHARE = 0.62;

  /** The usable share of native memory; the rest is allocator overhead. */
  private static final double NATIVE_SHARE = 0.9;

  private static boolean isCarafe(Contender contender) {
    return contender.name().startsWith("carafe");
  }

  /**
   * Memory for workloads whose entries all fit. The entries fill three quarters of the limit of a
   * cache that evicts, because a half-empty cache would run without the cost of its policy.
   */
  static MemoryPlan forAllEntries(Contender contender, long entries, int valueBytes) {
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

  /** The same total for every contender, divided between heap and store. */
  static MemoryPlan withinTotal(Contender contender, long totalBytes, int valueBytes) {
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
   * The same total for every contender with a file. A contender that reads with O_DIRECT gets the
   * page cache share of the others as memory tier.
   */
  static MemoryPlan withFileWithinTotal(
      Contender contender, long totalBytes, long memoryBytes, long entries) {
    MemoryPlan equal = withFile(contender, memoryBytes, entries);
    if (!contender.is(Trait.DIRECT_IO)) {
      return equal;
    }
    long rest = totalBytes - equal.heapBytes() - JVM_BYTES;
    long fileTier = FILE_BUFFER_BYTES + entries * FILE_INDEX_ENTRY_BYTES;
    long store = isCarafe(contender) ? rest - fileTier : (long) (rest * NATIVE_SHARE);
    return new MemoryPlan(equal.heapBytes(), store);
  }

  /** The same memory tier for every contender with a file. The rest of the total is page cache. */
  static MemoryPlan withFile(Contender contender, long memoryBytes, long entries) {
    long heap = contender.is(Trait.HEAP) ? memoryBytes * 2 + 64 * MIB : 128 * MIB;
    long index = isCarafe(contender) ? entries / 2 * INDEX_ENTRY_BYTES : 0;
    return new MemoryPlan(heap + index / 2, memoryBytes);
  }
}
