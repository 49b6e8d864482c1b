/**
 * What applications compile against: the cache, its builder, codecs, options, figures and errors.
 *
 * <p>Start at {@link dev.carafe.Carafe#newBuilder()}. The engine behind these types is found by
 * {@link java.util.ServiceLoader}.
 */
@NullMarked
package dev.carafe;

import org.jspecify.annotations.NullMarked;
