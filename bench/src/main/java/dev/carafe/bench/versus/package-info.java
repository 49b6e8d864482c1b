/**
 * The comparison with other caches and stores: suites, forked JVMs, memory configurations and
 * result files.
 */
@NullMarked
package dev.carafe.bench.versus;

import org.jspecify.annotations.NullMarked;
