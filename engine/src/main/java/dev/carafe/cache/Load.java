package dev.carafe.cache;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One value on its way into memory, read from the file or made by a loader; others who want it wait
 * here (contract R5).
 */
final class Load {
  private final Thread owner = Thread.currentThread();
  private final CompletableFuture<@Nullable Object> outcome = new CompletableFuture<>();

  /** Guarded by the key's lock: a write of the key came in between, so nothing is installed. */
  private boolean superseded;

  void supersede() {
    superseded = true;
  }

  boolean isSuperseded() {
    return superseded;
  }

  /**
   * Lets the others go on.
   *
   * @param value what was loaded if it could not be kept for them to find, else null
   */
  void complete(@Nullable Object value) {
    outcome.complete(value);
  }

  /**
   * Waits for whoever loads, uninterruptibly, as Caffeine does.
   *
   * @return what was loaded, or null: look again
   * @throws IllegalStateException if this very thread is loading it
   */
  @Nullable Object await(Object key) {
    if (owner == Thread.currentThread() && !outcome.isDone()) {
      throw new IllegalStateException("recursive load: the loader of " + key + " asks for it");
    }
    return outcome.join();
  }
}
