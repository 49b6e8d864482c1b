/**
 * Memory: who owns which bytes. Read {@link dev.carafe.region.Region} first, then {@link
 * dev.carafe.region.ChunkPool}.
 *
 * <p>A region knows no ring, no file and no cache, and never waits; it can be used alone.
 */
@NullMarked
package dev.carafe.region;

import org.jspecify.annotations.NullMarked;
