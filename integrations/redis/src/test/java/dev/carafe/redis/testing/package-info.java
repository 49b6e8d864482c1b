/** A Redis server for the tests of this module and of others. */
@NullMarked
package dev.carafe.redis.testing;

import org.jspecify.annotations.NullMarked;
