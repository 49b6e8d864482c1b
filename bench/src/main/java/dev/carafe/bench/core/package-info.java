/** Benchmarks of the layers of the engine: allocator, memory-tier hits, codecs, heap, file tier. */
@NullMarked
package dev.carafe.bench.core;

import org.jspecify.annotations.NullMarked;
