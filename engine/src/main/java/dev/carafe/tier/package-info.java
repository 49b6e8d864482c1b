/**
 * The memory tier and the file tier, independent of each other. The cache package decides which
 * values move between them. Read {@link dev.carafe.tier.MemoryTier} and {@link
 * dev.carafe.tier.FileTier} first.
 */
@NullMarked
package dev.carafe.tier;

import org.jspecify.annotations.NullMarked;
