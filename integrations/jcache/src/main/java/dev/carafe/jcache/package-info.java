/**
 * Carafe as a JSR-107 provider: caches whose entries live off the heap, in memory and in a file.
 *
 * <p>Start with {@link dev.carafe.jcache.CarafeCachingProvider}, which {@code Caching} finds
 * automatically, and {@link dev.carafe.jcache.CarafeConfiguration}. Caches always store by value,
 * since values are off-heap.
 */
@NullMarked
package dev.carafe.jcache;

import org.jspecify.annotations.NullMarked;
