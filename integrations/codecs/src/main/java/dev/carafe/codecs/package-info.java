/**
 * Codecs for values that are objects: one small class for each serializer, which is an optional
 * dependency.
 *
 * <p>What a codec throws when bytes do not fit the class any more reaches whoever reads the value,
 * and the cache is as it was: after a change of a class that its serializer can't bridge, give the
 * cache another file, or open it with {@code Recovery.EMPTY}.
 */
@NullMarked
package dev.carafe.codecs;

import org.jspecify.annotations.NullMarked;
