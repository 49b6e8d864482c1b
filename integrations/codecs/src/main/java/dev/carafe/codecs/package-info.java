/**
 * Codecs for values that are objects: one small class for each serializer, which is an optional
 * dependency.
 *
 * <p>Bytes that do not fit the class any more are an {@link dev.carafe.UnreadableValueException},
 * which the cache takes for a miss: after a change of a class that its serializer can't bridge,
 * values are loaded anew, one by one, as they are asked for.
 */
@NullMarked
package dev.carafe.codecs;

import org.jspecify.annotations.NullMarked;
