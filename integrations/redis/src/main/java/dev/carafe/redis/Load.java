package dev.carafe.redis;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A load by the application that is under way.
 *
 * @param owner the thread that loads
 * @param result the bytes of the value; null if there is none
 */
record Load(Thread owner, CompletableFuture<byte @Nullable []> result) {
  Load(Thread owner) {
    this(owner, new CompletableFuture<>());
  }
}
