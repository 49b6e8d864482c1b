package dev.carafe.cache;

import java.util.concurrent.CompletionException;

/**
 * Thrown if a bulk loader's future completes with a null map; has the name of Caffeine's exception.
 */
final class NullMapCompletionException extends CompletionException {
  private static final long serialVersionUID = 1L;

  NullMapCompletionException() {
    super("the bulk loader's future completed with a null map", null);
  }
}
