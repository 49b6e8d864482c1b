/**
 * The cache: a Caffeine index over the memory tier, and the file tier below it. Both tiers together
 * form one map.
 *
 * <p>Read {@link dev.carafe.cache.Tiers} first: it describes the places that can hold a value, and
 * the moves between them. {@link dev.carafe.cache.CarafeCache} implements the public interface.
 * Only this package depends on Caffeine.
 */
@NullMarked
package dev.carafe.cache;

import org.jspecify.annotations.NullMarked;
