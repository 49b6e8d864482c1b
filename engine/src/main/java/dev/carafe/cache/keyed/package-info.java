/**
 * A cache that compares keys by their encoded bytes, on top of a cache that compares them by {@code
 * equals} (contract R7). Each key of the application is wrapped in a {@link
 * dev.carafe.cache.keyed.Key}, and unwrapped where the application sees it.
 */
@NullMarked
package dev.carafe.cache.keyed;

import org.jspecify.annotations.NullMarked;
