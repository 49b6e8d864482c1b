package dev.carafe.spi;

import dev.carafe.Codec;

/**
 * Marks a codec of immutable keys of which two are {@code equal} exactly if their bytes are. A
 * cache holds such keys as they are; it holds others by their bytes (contract R7).
 *
 * @param <T> what is encoded
 */
public interface EqualByBytes<T> extends Codec<T> {}
