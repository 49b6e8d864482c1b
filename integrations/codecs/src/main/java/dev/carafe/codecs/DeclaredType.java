package dev.carafe.codecs;

import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rejects objects at {@code put} that could not be decoded as the declared type (contract R7). */
final class DeclaredType {
  private DeclaredType() {}

  /** Rejects a value of another type, which unchecked casts and raw types allow. */
  static void check(Class<?> declared, Object value) {
    if (!wrapped(declared).isInstance(value)) {
      throw new IllegalArgumentException(
          "a value of "
              + value.getClass().getName()
              + " given to a codec of "
              + declared.getName());
    }
  }

  /** Casts what was decoded. */
  @SuppressWarnings("unchecked") // an Integer is a T if the type is int
  static <T> T cast(Class<T> declared, @Nullable Object read) {
    return (T) wrapped(declared).cast(Objects.requireNonNull(read, "null was written"));
  }

  /** The class of the objects of a declared type: {@code Integer} for {@code int}. */
  static Class<?> wrapped(Class<?> declared) {
    return MethodType.methodType(declared).wrap().returnType();
  }

  /** Whether an object was decoded as its class, or a JDK list, set or map as another such one. */
  static boolean isSameKind(Object value, @Nullable Object read) {
    return read != null && kind(value) == kind(read);
  }

  /** A serializer may decode a JDK list, set or map as another JDK implementation. */
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

  /** Whether objects of this class are equal to others than themselves. */
  static boolean definesEquals(Class<?> type) {
    try {
      return type.isArray()
          || type.getMethod("equals", Object.class).getDeclaringClass() != Object.class;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }
}
