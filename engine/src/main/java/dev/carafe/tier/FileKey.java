package dev.carafe.tier;

import java.lang.foreign.MemorySegment;

/**
 * A key as the file knows it.
 *
 * @param bytes its codec's bytes, on the heap
 * @param hash their 64-bit hash, seeded by the file ({@link FileTier#hashOf})
 */
public record FileKey(MemorySegment bytes, long hash) {}
