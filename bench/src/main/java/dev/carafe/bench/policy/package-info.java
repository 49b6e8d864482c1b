/**
 * Simulation of eviction policies: replays a trace without values through a memory tier and a file
 * tier.
 */
@NullMarked
package dev.carafe.bench.policy;

import org.jspecify.annotations.NullMarked;
