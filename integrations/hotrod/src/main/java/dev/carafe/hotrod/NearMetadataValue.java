package dev.carafe.hotrod;

import org.infinispan.client.hotrod.MetadataValue;

/**
 * A value from the near tier, with what the server said about it when it was read from there.
 *
 * @param <V> the value
 */
record NearMetadataValue<V>(
    V getValue, long getVersion, long getCreated, long getLastUsed, int getLifespan, int getMaxIdle)
    implements MetadataValue<V> {}
