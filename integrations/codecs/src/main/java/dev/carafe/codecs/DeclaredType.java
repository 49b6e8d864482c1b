package dev.carafe.codecs;

import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

  /** Whether an object came back as its class, or for the JDK's own lists, sets and maps as one. */
  static boolean isSameKind(Object value, @Nullable Object read) {
    return read != null && kind(value) == kind(read);
  }

  /** A serializer may give another of the JDK's own lists, sets and maps back. */
  static Class<?> kind(Object value) {
    Class<?> actual = value.getClass();
    if (actual.getName().startsWith("java.")) {
      return switch (value) {
        case List<?> list -> List.class;
        case Set<?> set -> Set.class;
        case Map<?, ?> map -> Map.class;
        default -> actual;
      };
    }
    return actual;
  }
}
