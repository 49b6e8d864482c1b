package dev.carafe.tier;

import dev.carafe.log.format.KeyHash;
import java.lang.foreign.MemorySegment;

/**
 * A key as the file knows it.
 *
 * @param bytes its codec's bytes, on the heap
 * @param hash their hash, keyed by the file's secret ({@link FileTier#hashOf})
 */
public record FileKey(MemorySegment bytes, KeyHash hash) {}
