package dev.carafe.spi;

import dev.carafe.Codec;

/**
 * Marks a codec of immutable keys whose {@code equals} agrees with the equality of their bytes. A
 * cache keeps such keys as objects, and the bytes of other keys (contract R7).
 *
 * @param <T> the type that is encoded
 */
public interface EqualByBytes<T> extends Codec<T> {}
