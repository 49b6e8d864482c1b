package dev.carafe.codecs;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The fields of objects that {@link JsonReadBack} compares: those of an application's class and its
 * superclasses that are neither static, transient, {@code @JsonIgnore} nor in a module that does
 * not open its package. A class of the JDK and an enum have none: they are compared by {@code
 * equals}.
 */
final class JsonFields {
  private static final Set<Class<?>> EXACT =
      Set.of(
          BigDecimal.class,
          BigInteger.class,
          Date.class,
          Duration.class,
          Instant.class,
          LocalDate.class,
          LocalDateTime.class,
          LocalTime.class,
          URI.class,
          UUID.class);

  private final ClassValue<List<Of>> fields =
      new ClassValue<>() {
        @Override
        protected List<Of> computeValue(Class<?> type) {
          return find(type);
        }
      };
  private final Function<Type, JsonType> types;

  /**
   * The fields as one version of Jackson sees them.
   *
   * @param types resolves their declared types
   */
  JsonFields(Function<Type, JsonType> types) {
    this.types = types;
  }

  /** Where a type is declared: the value itself, or a field; or an element of what is there. */
  record Place(@Nullable Field field, JsonType declared) {
    Place content() {
      return new Place(field, declared.content());
    }

    Place key() {
      return new Place(field, declared.key());
    }
  }

  /**
   * A field.
   *
   * @param canVary whether its object, or what that refers to, can be of several classes
   */
  record Of(Field field, Place place, boolean canVary) {
    String name() {
      return field.getDeclaringClass().getName() + "." + field.getName();
    }

    /** Whether the format of this field decides what is written, such as the day of a time. */
    boolean isFormatted() {
      return field.isAnnotationPresent(JsonFormat.class);
    }

    boolean isPrimitive() {
      return field.getType().isPrimitive();
    }

    @Nullable Object get(Object owner) {
      try {
        return field.get(owner);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e); // it was made accessible
      }
    }
  }

  List<Of> of(Class<?> type) {
    return fields.get(type);
  }

  private List<Of> find(Class<?> type) {
    List<Of> found = new ArrayList<>();
    for (Class<?> at = type; at != null && !isLeaf(at); at = at.getSuperclass()) {
      for (Field field : at.getDeclaredFields()) {
        int not = Modifier.STATIC | Modifier.TRANSIENT;
        if ((field.getModifiers() & not) == 0
            && !field.isAnnotationPresent(JsonIgnore.class)
            && open(field)) {
          Place place = new Place(field, types.apply(field.getGenericType()));
          found.add(new Of(field, place, canVary(field.getType())));
        }
      }
    }
    return List.copyOf(found);
  }

  private static boolean isLeaf(Class<?> type) {
    return type.isArray()
        || Enum.class.isAssignableFrom(type)
        || type.getName().startsWith("java.")
        || type.getName().startsWith("javax.");
  }

  private static boolean open(Field field) {
    try {
      field.setAccessible(true);
      return true;
    } catch (InaccessibleObjectException e) {
      return false;
    }
  }

  private static boolean canVary(Class<?> type) {
    return !type.isPrimitive()
        && !(Modifier.isFinal(type.getModifiers()) && type.getName().startsWith("java.lang."));
  }

  /**
   * Whether all objects come back if one does. Of other classes of the JDK, the JSON may omit what
   * only some objects have, such as an offset that is not UTC, or the nanoseconds of a timestamp.
   */
  static boolean isExact(Class<?> type) {
    return !isLeaf(type)
        || type.isArray()
        || Enum.class.isAssignableFrom(type)
        || type.getName().startsWith("java.lang.")
        || EXACT.contains(type);
  }

  static boolean areEqual(Object one, Object other) {
    return DeclaredType.definesEquals(one.getClass()) && one.equals(other);
  }
}
