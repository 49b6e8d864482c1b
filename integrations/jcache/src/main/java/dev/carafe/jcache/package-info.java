/**
 * Carafe as a JSR-107 provider: caches whose entries live off the heap, in memory and in a file.
 *
 * <p>Start with {@link dev.carafe.jcache.CarafeCachingProvider}, which {@code Caching} finds by
 * itself, and {@link dev.carafe.jcache.CarafeConfiguration}. Values are stored by value, always: an
 * off-heap cache has no other way.
 */
@NullMarked
package dev.carafe.jcache;

import org.jspecify.annotations.NullMarked;
