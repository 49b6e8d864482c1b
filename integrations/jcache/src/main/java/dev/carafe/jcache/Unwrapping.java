package dev.carafe.jcache;

/** JSR-107's unwrap: returns the object itself, or an object that it is built on. */
final class Unwrapping {
  private Unwrapping() {}

  static <T> T unwrap(Class<T> type, Object... candidates) {
    for (Object candidate : candidates) {
      if (type.isInstance(candidate)) {
        return type.cast(candidate);
      }
    }
    throw new IllegalArgumentException("not a " + type.getName());
  }
}
