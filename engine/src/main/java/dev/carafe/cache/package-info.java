/**
 * The cache people asked for: Caffeine's index over the memory tier, the file tier behind it, and
 * the rules that make both look like one map.
 *
 * <p>Read {@link dev.carafe.cache.Tiers} first: where a value may be, and how it moves. {@link
 * dev.carafe.cache.CarafeCache} is the public face. Only this package knows Caffeine.
 */
@NullMarked
package dev.carafe.cache;

import org.jspecify.annotations.NullMarked;
