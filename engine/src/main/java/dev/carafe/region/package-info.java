/**
 * Allocation of off-heap memory. Read {@link dev.carafe.region.Region} first, then {@link
 * dev.carafe.region.ChunkPool}.
 *
 * <p>A region does not depend on a ring, a file or a cache, never waits, and can be used alone.
 */
@NullMarked
package dev.carafe.region;

import org.jspecify.annotations.NullMarked;
