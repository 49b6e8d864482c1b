/**
 * A near cache for Redis and Valkey: values that were read once are served from the memory and the
 * file of a {@link dev.carafe.Carafe}, and the server invalidates them when they change. {@link
 * dev.carafe.redis.CarafeNearCache} is the entry point.
 */
@NullMarked
package dev.carafe.redis;

import org.jspecify.annotations.NullMarked;
