/**
 * Simulation of eviction policies: replays a trace without values, through a memory tier under
 * several policies and through the file below it.
 */
@NullMarked
package dev.carafe.bench.policy;

import org.jspecify.annotations.NullMarked;
