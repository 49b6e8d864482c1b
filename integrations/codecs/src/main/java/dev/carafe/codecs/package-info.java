/**
 * Codecs for objects: one class for each serializer. The serializer is an optional dependency.
 * {@link dev.carafe.codecs.CodecContract} tests a codec of your own.
 *
 * <p>If stored bytes do not fit the class, a codec throws {@link
 * dev.carafe.UnreadableValueException}, and the read is a miss. So after an incompatible change of
 * a class, each value is loaded again on its first read.
 */
@NullMarked
package dev.carafe.codecs;

import org.jspecify.annotations.NullMarked;
