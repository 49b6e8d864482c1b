/** The command line: trace replay, benchmarks, and inspection of cache files. */
@NullMarked
package dev.carafe.bench;

import org.jspecify.annotations.NullMarked;
