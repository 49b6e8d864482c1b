/** A Redis server for the tests of the modules that use one. */
@NullMarked
package dev.carafe.redis.testing;

import org.jspecify.annotations.NullMarked;
