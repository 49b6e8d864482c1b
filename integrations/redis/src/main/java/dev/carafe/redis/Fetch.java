package dev.carafe.redis;

import dev.carafe.spi.KeyBytes;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A read of the server that is under way. An invalidation of the key removes it from the map of
 * {@link NearTier}: its value is then not kept, and later readers begin a read of their own.
 *
 * @param key that is read
 * @param epoch of the link, before the command was sent
 * @param since before the command was sent, as {@link System#nanoTime}
 * @param result the bytes of the value, null if the server has none
 */
record Fetch(KeyBytes key, Epoch epoch, long since, CompletableFuture<byte @Nullable []> result) {
  Fetch(KeyBytes key, Epoch epoch) {
    this(key, epoch, System.nanoTime(), new CompletableFuture<>());
  }
}
