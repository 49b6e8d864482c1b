/** The hot core, measured: allocator and memory-tier hits, next to their peers, by JMH. */
@NullMarked
package dev.carafe.bench.core;

import org.jspecify.annotations.NullMarked;
