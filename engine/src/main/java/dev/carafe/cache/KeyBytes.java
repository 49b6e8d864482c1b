package dev.carafe.cache;

import java.lang.foreign.MemorySegment;

/**
 * A key as the file knows it.
 *
 * @param bytes its codec's bytes, on the heap
 * @param hash their 64-bit hash, seeded by the file
 */
record KeyBytes(MemorySegment bytes, long hash) {}
