/** Replays of real traces through an embedded cache, benchmarks, and looks into a cache's file. */
@NullMarked
package dev.carafe.bench;

import org.jspecify.annotations.NullMarked;
