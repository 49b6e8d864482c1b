/**
 * Values in memory and values in the file, each by itself; how they move between the two is the
 * cache's to say. Read {@link dev.carafe.tier.MemoryTier} and {@link dev.carafe.tier.FileTier}.
 */
@NullMarked
package dev.carafe.tier;

import org.jspecify.annotations.NullMarked;
