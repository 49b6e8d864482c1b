package dev.carafe.codecs;

import java.lang.invoke.MethodType;

/** Rejects at {@code put} what a codec could not read back as its declared type (contract R7). */
final class DeclaredType {
  private DeclaredType() {}

  /** Rejects a value of another type, which unchecked casts and raw types let through. */
  static void check(Class<?> declared, Object value) {
    if (!declared.isInstance(value)) {
      throw new IllegalArgumentException(
          "a value of "
              + value.getClass().getName()
              + " given to a codec of "
              + declared.getName());
    }
  }

  /** The class of the objects that are declared so: {@code Integer} for {@code int}. */
  static Class<?> wrapped(Class<?> declared) {
    return MethodType.methodType(declared).wrap().returnType();
  }
}
