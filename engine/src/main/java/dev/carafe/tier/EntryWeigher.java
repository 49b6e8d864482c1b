package dev.carafe.tier;

import dev.carafe.region.ChunkPool;
import dev.carafe.region.ChunkRef;

/**
 * Weighs an entry by the larger of two shares: its share of the arena, and its share of the heap
 * that the index may take (contract B1). So one maximum weight bounds both.
 *
 * <p>Thread-safe. Proved by {@code IndexBoundTest}.
 */
public final class EntryWeigher {
  /** The heap of an entry, as {@code docs/CORE.md} measures it: Caffeine's nodes and the entry. */
  public static final int HEAP_BYTES = 125;

  /** The index that an entry is charged: its heap and {@link RecentReads}, with a margin. */
  static final int ENTRY_BYTES = 160;

  private final ChunkPool pool;
  private final long maximumWeightBytes;
  private final double weightPerIndexByte;

  /**
   * Creates a weigher.
   *
   * @param pool the pool of the chunks
   * @param maximumWeightBytes the sum of the weights that the policy allows
   * @param maximumIndexBytes the heap that the entries may take; {@link Long#MAX_VALUE} for no
   *     bound
   */
  public EntryWeigher(ChunkPool pool, long maximumWeightBytes, long maximumIndexBytes) {
    this.pool = pool;
    this.maximumWeightBytes = maximumWeightBytes;
    this.weightPerIndexByte =
        maximumIndexBytes == Long.MAX_VALUE ? 0 : (double) maximumWeightBytes / maximumIndexBytes;
  }

  /** {@return the sum of the weights that the policy allows} */
  public long maximumWeightBytes() {
    return maximumWeightBytes;
  }

  /**
   * {@return the weight of an entry; without a bound of the index, the bytes of the arena that its
   * chunk takes}
   *
   * @param entry any entry; one without a chunk weighs nothing
   */
  public int weigh(Entry entry) {
    long ref = entry.ref();
    int footprint = pool.footprintBytes(ref);
    if (weightPerIndexByte == 0 || ref == ChunkRef.NONE) {
      return footprint;
    }
    return Math.max(footprint, (int) Math.ceil(ENTRY_BYTES * weightPerIndexByte));
  }
}
