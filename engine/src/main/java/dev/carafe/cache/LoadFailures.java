package dev.carafe.cache;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CompletionException;
import java.util.function.Function;

/** What a loader throws, as Caffeine hands it on. */
final class LoadFailures {
  private LoadFailures() {}

  /** Unchecked exceptions as they are, checked ones wrapped; an interrupt stays with its thread. */
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

  /** A function whose checked exceptions come wrapped, as those of a future do. */
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
