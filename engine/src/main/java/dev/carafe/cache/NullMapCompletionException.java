package dev.carafe.cache;

import java.util.concurrent.CompletionException;

/** A bulk loader's future gave null for a map; named as Caffeine names it. */
final class NullMapCompletionException extends CompletionException {
  private static final long serialVersionUID = 1L;

  NullMapCompletionException() {
    super("the bulk loader's future gave null for a map", null);
  }
}
