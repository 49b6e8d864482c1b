/**
 * The public API: the cache, its builder, codecs, options, statistics and exceptions.
 *
 * <p>Entry points: {@link dev.carafe.Carafe#newBuilder()} opens a cache, {@link dev.carafe.Codec}
 * has the built-in codecs, {@link dev.carafe.FileOptions} configures the file. {@link
 * java.util.ServiceLoader} finds the engine that implements these types.
 */
@NullMarked
package dev.carafe;

import org.jspecify.annotations.NullMarked;
