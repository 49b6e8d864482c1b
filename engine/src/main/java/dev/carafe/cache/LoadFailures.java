package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** Conversion of exceptions of loaders, as in Caffeine. */
final class LoadFailures {
  private LoadFailures() {}

  /**
   * Returns unchecked exceptions as they are and checked ones wrapped; restores the interrupt
   * status.
   */
  static RuntimeException unchecked(Throwable t) {
    if (t instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (t instanceof Error error) {
      throw error;
    }
    if (t instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new CompletionException(t);
  }

  /** Wraps a function so that it throws checked exceptions wrapped, as a future does. */
  static <T, R> Function<T, R> wrapping(Function<? super T, ? extends R> function) {
    requireNonNull(function, "mappingFunction");
    return argument -> {
      try {
        return function.apply(argument);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable t) {
        throw new CompletionException(t);
      }
    };
  }
}
