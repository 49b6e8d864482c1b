package dev.carafe.spi;

import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.carafe.Codec;
import dev.carafe.FileOptions;
import org.jspecify.annotations.Nullable;

/**
 * What a builder was told, checked.
 *
 * @param keyCodec names keys in the file
 * @param valueCodec turns values into bytes
 * @param memoryBytes bound of the regions
 * @param file the file tier, if there is one
 * @param expiry when entries expire, if they do
 * @param ticker the clock of expiry
 * @param recordStats whether Caffeine's statistics are kept
 * @param <K> keys
 * @param <V> values
 */
public record CarafeSpec<K, V>(
    Codec<K> keyCodec,
    Codec<V> valueCodec,
    long memoryBytes,
    @Nullable FileOptions file,
    @Nullable Expiry<? super K, ? super V> expiry,
    Ticker ticker,
    boolean recordStats) {}
