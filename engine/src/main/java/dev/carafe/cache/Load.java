package dev.carafe.cache;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One value on its way into memory, read from the file or made by a loader; others who want it wait
 * here (contract R5).
 */
final class Load {
  private final @Nullable Thread owner;
  private final @Nullable CompletableFuture<?> promised;
  private final boolean miss;
  private final CompletableFuture<@Nullable Object> outcome = new CompletableFuture<>();

  /** Guarded by the key's lock: a write of the key came in between, so nothing is installed. */
  private boolean superseded;

  private Load(@Nullable Thread owner, @Nullable CompletableFuture<?> promised, boolean miss) {
    this.owner = owner;
    this.promised = promised;
    this.miss = miss;
  }

  /** By the calling thread. */
  static Load here() {
    return new Load(Thread.currentThread(), null, true);
  }

  /** By nobody in particular, as a future that the application has. */
  static Load promising(CompletableFuture<?> future) {
    return new Load(null, future, true);
  }

  /** A future that the application put. */
  static Load given(CompletableFuture<?> future) {
    return new Load(null, future, false);
  }

  /** What whoever asks for the key's future is given; null if this load has none. */
  @Nullable CompletableFuture<?> promised() {
    return promised;
  }

  /** Whether it brings what was missed, and not what was put. */
  boolean isMiss() {
    return miss;
  }

  /** Completes when the load has ended: look again. */
  CompletableFuture<@Nullable Object> outcome() {
    return outcome;
  }

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
