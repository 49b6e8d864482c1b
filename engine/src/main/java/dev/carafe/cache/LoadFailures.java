package dev.carafe.cache;

import java.util.concurrent.CompletionException;

/** What a loader throws, as Caffeine hands it on. */
final class LoadFailures {
  private LoadFailures() {}

  /** Unchecked exceptions as they are, checked ones wrapped; an interrupt stays with its thread. */
  static RuntimeException unchecked(Exception e) {
    if (e instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new CompletionException(e);
  }
}
