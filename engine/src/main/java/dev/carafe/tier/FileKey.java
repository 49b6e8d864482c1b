package dev.carafe.tier;

import dev.carafe.log.format.KeyHash;
import java.lang.foreign.MemorySegment;

/**
 * An encoded key and its hash.
 *
 * @param bytes the bytes that the codec encoded, on the heap
 * @param hash the hash of the bytes, keyed by the file's secret ({@link FileTier#hashOf})
 */
public record FileKey(MemorySegment bytes, KeyHash hash) {}
