/**
 * The public API: the cache, its builder, codecs, options, statistics and exceptions.
 *
 * <p>Entry points: {@link dev.carafe.Carafe#newBuilder()} opens a cache, {@link dev.carafe.Codec}
 * has the built-in codecs, {@link dev.carafe.FileOptions} configures the file. {@link
 * java.util.ServiceLoader} finds the engine that implements these types.
 *
 * <p>Stability: the public types of this package, of {@code dev.carafe.codecs}, {@code
 * dev.carafe.jcache}, {@code dev.carafe.micrometer} and {@code dev.carafe.redis} are the API. From
 * 1.0.0 on, only a major version breaks programs that use them; before that, a minor version may.
 * Methods may be added to interfaces other than {@link dev.carafe.Codec}, which applications
 * implement. {@code dev.carafe.region}, the allocator of the engine, may change in any minor
 * version. {@code dev.carafe.spi} and the other packages of the engine are internal.
 */
@NullMarked
package dev.carafe;

import org.jspecify.annotations.NullMarked;
